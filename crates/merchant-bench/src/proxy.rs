//! What stands between the merchant and the simulator, and makes each answer take as long as GoPay's do.

use crate::Error;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{Instant, sleep_until},
};

pub(crate) async fn listen(to: SocketAddr, delay: Duration) -> Result<SocketAddr, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::task::spawn_local(async move {
        while let Ok((merchant, _)) = listener.accept().await {
            tokio::task::spawn_local(async move {
                let _ = forward(merchant, to, delay).await;
            });
        }
    });
    Ok(address)
}

async fn forward(merchant: TcpStream, to: SocketAddr, delay: Duration) -> Result<(), Error> {
    let gopay = TcpStream::connect(to).await?;
    merchant.set_nodelay(true)?;
    gopay.set_nodelay(true)?;
    let (merchant_read, merchant_write) = merchant.into_split();
    let (gopay_read, gopay_write) = gopay.into_split();
    tokio::try_join!(
        copy(merchant_read, gopay_write, Duration::ZERO),
        copy(gopay_read, merchant_write, delay),
    )?;
    Ok(())
}

/// Each piece arrives `delay` after it was sent.
async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    delay: Duration,
) -> Result<(), Error> {
    let (send, mut receive) = mpsc::unbounded_channel();
    let read = async {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let length = from.read(&mut buffer).await?;
            let _ = send.send((Instant::now() + delay, buffer[..length].to_vec()));
            if length == 0 {
                return Ok::<(), Error>(());
            }
        }
    };
    let write = async {
        while let Some((at, piece)) = receive.recv().await {
            sleep_until(at).await;
            if piece.is_empty() {
                break;
            }
            to.write_all(&piece).await?;
        }
        to.shutdown().await?;
        Ok(())
    };
    tokio::try_join!(read, write)?;
    Ok(())
}
