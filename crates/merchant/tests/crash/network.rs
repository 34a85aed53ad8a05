//! The network between a merchant and PostgreSQL.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, UnixStream},
    sync::watch,
};

/// A way to PostgreSQL that can be cut without a word: while it is, what is sent waits, and no connection ends.
pub(crate) struct Network {
    /// That of the database over this way.
    pub(crate) url: String,
    is_cut: watch::Sender<bool>,
}

impl Network {
    /// To a server that listens on a socket in a folder, which the host of the URL names.
    pub(crate) async fn to(database_url: &str) -> Self {
        let (user, rest) = database_url.split_once('@').unwrap();
        let (folder, database) = rest.split_once('/').unwrap();
        let socket = format!("{}/.s.PGSQL.5432", folder.replace("%2F", "/"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (is_cut, cut) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((merchant, _)) = listener.accept().await {
                let (socket, cut) = (socket.clone(), cut.clone());
                tokio::spawn(async move {
                    let server = UnixStream::connect(socket).await.unwrap();
                    let (from_server, to_server) = server.into_split();
                    let (from_merchant, to_merchant) = merchant.into_split();
                    tokio::select! {
                        () = carry(from_merchant, to_server, cut.clone()) => {}
                        () = carry(from_server, to_merchant, cut) => {}
                    }
                });
            }
        });
        Self {
            url: format!("{user}@{address}/{database}"),
            is_cut,
        }
    }

    pub(crate) fn cut(&self) {
        self.is_cut.send_replace(true);
    }

    pub(crate) fn mend(&self) {
        self.is_cut.send_replace(false);
    }
}

/// Until one side closes the connection.
async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut cut: watch::Receiver<bool>,
) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        if cut.wait_for(|is_cut| !is_cut).await.is_err()
            || to.write_all(&bytes[..length]).await.is_err()
        {
            return;
        }
    }
}
