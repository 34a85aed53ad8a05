//! Takes GoPay's notifications in the merchant's place.

use crate::{Error, http::Call};
use http_body_util::{BodyExt, Full};
use hyper::{Response, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{cell::RefCell, convert::Infallible, net::SocketAddr, rc::Rc};
use tokio::net::TcpListener;

#[derive(Debug, Clone, Default)]
pub(crate) struct Notifications(Rc<RefCell<Vec<Call>>>);

impl Notifications {
    pub(crate) fn count(&self) -> usize {
        self.0.borrow().len()
    }

    pub(crate) fn take(&self) -> Vec<Call> {
        self.0.take()
    }
}

pub(crate) async fn listen(notifications: &Notifications) -> Result<SocketAddr, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let notifications = notifications.clone();
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let notifications = notifications.clone();
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let notifications = notifications.clone();
                async move {
                    let (head, body) = request.into_parts();
                    if let Ok(body) = body.collect().await {
                        let call = Call::received(head.uri.path(), head.headers, body.to_bytes());
                        notifications.0.borrow_mut().push(call);
                    }
                    let body = r#"{"responseCode":"2005600","responseMessage":"Request has been processed successfully"}"#;
                    Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(
                        body.as_bytes(),
                    ))))
                }
            });
            tokio::task::spawn_local(async move {
                let _ = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(address)
}
