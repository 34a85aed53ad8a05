//! HTTP/1.1 byte by byte: no client would send most of what is sent here.

use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than the merchant waits for a body, and shorter than for the next request.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// With names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Sends these bytes on a connection of their own. All that is answered until the merchant closes it.
pub(crate) async fn exchange(to: SocketAddr, request: &[u8]) -> Result<Vec<Answer>, String> {
    let connection = TcpStream::connect(to).await.unwrap();
    let (mut read, mut write) = connection.into_split();
    let send = async {
        // The merchant may have answered, and closed the connection, before it has read all.
        let _ = write.write_all(request).await;
    };
    let receive = async {
        let mut received = Vec::new();
        let _ = read.read_to_end(&mut received).await;
        received
    };
    let both = async { tokio::join!(send, receive) };
    let Ok(((), received)) = timeout(ANSWER_TIMEOUT, both).await else {
        return Err(format!(
            "the connection has not ended within {ANSWER_TIMEOUT:?}"
        ));
    };
    let is_head = request.starts_with(b"HEAD ");
    answers(&received, is_head).ok_or_else(|| {
        format!(
            "an answer that cannot be read: {:?}",
            String::from_utf8_lossy(&received)
        )
    })
}

fn answers(mut received: &[u8], is_head: bool) -> Option<Vec<Answer>> {
    let mut answers = Vec::new();
    while !received.is_empty() {
        let (head, rest) = split(received)?;
        let head = String::from_utf8(head.to_vec()).ok()?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .map(|line| {
                let (name, value) = line.split_once(':')?;
                Some((name.to_ascii_lowercase(), value.trim().to_owned()))
            })
            .collect::<Option<_>>()?;
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
        };
        let length = match answer.header("content-length") {
            _ if is_head => 0,
            Some(length) => length.parse().ok()?,
            None => 0,
        };
        answer.body = rest.get(..length)?.to_vec();
        received = &rest[length..];
        answers.push(answer);
    }
    Some(answers)
}

/// The head of a message, and what follows it.
pub(crate) fn split(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((&message[..end], &message[end + 4..]))
}
