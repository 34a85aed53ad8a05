//! The smallest HTTP client: the status of a request to a server on this machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

const RESPONSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The status that `127.0.0.1:port` answers to a request without a body;
/// `None` when nothing answers, or not in HTTP.
pub(crate) fn status(method: &str, port: u16, path: &str) -> Option<u16> {
    let mut stream = TcpStream::connect_timeout(&loopback(port), RESPONSE_TIMEOUT).ok()?;
    stream.set_read_timeout(Some(RESPONSE_TIMEOUT)).ok()?;
    // In one piece: a server may look at the first packet only.
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    // "HTTP/1.1 200": the status is in the first twelve bytes.
    let mut start = [0; 12];
    stream.read_exact(&mut start).ok()?;
    std::str::from_utf8(&start)
        .ok()?
        .strip_prefix("HTTP/1.1 ")?
        .parse()
        .ok()
}

/// Whether a server can listen on the port, and a browser that asks for
/// `localhost` would reach that server and no other.
pub(crate) fn port_is_free(port: u16) -> bool {
    TcpStream::connect(("localhost", port)).is_err() && TcpListener::bind(loopback(port)).is_ok()
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::thread;

    use super::*;

    /// Answers one request with `answer`, and returns the request's first line.
    fn server(answer: &'static str) -> (u16, thread::JoinHandle<String>) {
        let listener = TcpListener::bind(loopback(0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let request: Vec<_> = BufReader::new(&stream)
                .lines()
                .map(Result::unwrap)
                .take_while(|line| !line.is_empty())
                .collect();
            stream.write_all(answer.as_bytes()).unwrap();
            request[0].clone()
        });
        (port, server)
    }

    #[test]
    fn the_status_of_an_answer_is_read() {
        let (port, server) = server("HTTP/1.1 503 Service Unavailable\r\n\r\n");
        assert_eq!(status("GET", port, "/healthz"), Some(503));
        assert_eq!(server.join().unwrap(), "GET /healthz HTTP/1.1");
    }

    #[test]
    fn a_server_that_does_not_speak_http_has_no_status() {
        let (port, server) = server("220 mail.example ESMTP\r\n");
        assert_eq!(status("GET", port, "/healthz"), None);
        server.join().unwrap();
    }

    #[test]
    fn a_port_that_something_listens_on_is_not_free() {
        let listener = TcpListener::bind(loopback(0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!port_is_free(port));
        drop(listener);
        assert!(port_is_free(port));
        assert_eq!(status("GET", port, "/healthz"), None);
    }
}
