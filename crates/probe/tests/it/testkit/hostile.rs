//! Servers that misbehave, each in one way.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// One kind of misbehaviour.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Accepts and never says a word.
    Silent,
    /// Accepts and closes at once.
    Close,
    /// Accepts, reads the request and resets the connection.
    Reset,
    /// Says these bytes to whatever comes, then closes.
    Say(Vec<u8>),
    /// Says these bytes, then keeps the connection open without another word.
    SayAndHold(Vec<u8>),
    /// Says these bytes one by one, with this pause between them, for ever from the beginning.
    Drip(Vec<u8>, Duration),
    /// Says the first bytes once, then the second again and again, as fast as they are taken.
    Flood(Vec<u8>, Vec<u8>),
}

/// A running server; stops when dropped.
#[derive(Debug)]
pub struct Hostile {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Hostile {
    /// Starts one on a free loopback port.
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("no free loopback port");
        let address = listener
            .local_addr()
            .expect("a bound socket has an address");
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(misbehave(stream, behaviour.clone()));
            }
        });
        Self { address, task }
    }

    /// Its address as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn misbehave(mut stream: TcpStream, behaviour: Behaviour) {
    let mut request = [0_u8; 4_096];
    match behaviour {
        Behaviour::Silent => sleep(Duration::from_secs(600)).await,
        Behaviour::Close => {}
        Behaviour::Reset => {
            // Closing with unread data in the buffer makes the kernel send a reset.
            let _ = stream.readable().await;
        }
        Behaviour::Say(bytes) => {
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Behaviour::SayAndHold(bytes) => {
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&bytes).await;
            sleep(Duration::from_secs(600)).await;
        }
        Behaviour::Drip(bytes, pause) => {
            let _ = stream.read(&mut request).await;
            for byte in bytes.iter().cycle() {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                sleep(pause).await;
            }
        }
        Behaviour::Flood(once, again) => {
            let _ = stream.read(&mut request).await;
            if stream.write_all(&once).await.is_ok() {
                while stream.write_all(&again).await.is_ok() {}
            }
        }
    }
}
