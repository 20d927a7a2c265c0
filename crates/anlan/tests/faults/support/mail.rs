//! A mail server (RFC 5321) that keeps what it is sent, and can keep its sender waiting.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// One mail as it arrived.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub data: String,
}

impl Mail {
    pub fn id(&self) -> &str {
        let lines = self.data.lines();
        let mut ids = lines.filter_map(|line| line.strip_prefix("Message-ID: "));
        ids.next().expect("a Message-ID")
    }
}

/// The server.
pub struct MailSink {
    pub port: u16,
    shared: Arc<Shared>,
    arrived: Receiver<()>,
}

#[derive(Default)]
struct Shared {
    mails: Mutex<Vec<Mail>>,
    answers: AtomicBool,
}

impl MailSink {
    /// One that takes mail and does not say so.
    pub fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let (shared, (tell, arrived)) = (Arc::<Shared>::default(), channel());
        let kept = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (kept, tell) = (Arc::clone(&kept), tell.clone());
                std::thread::spawn(move || session(&stream, &kept, &tell));
            }
        });
        Self {
            port,
            shared,
            arrived,
        }
    }

    /// From now on it says that it has taken a mail.
    pub fn answer(&self) {
        self.shared.answers.store(true, Ordering::SeqCst);
    }

    /// Waits for a mail that has arrived since this was last asked.
    pub fn arrives(&self, within: Duration) -> bool {
        self.arrived.recv_timeout(within).is_ok()
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.shared.mails.lock().expect("the mails").clone()
    }
}

/// Ends when the other side hangs up.
fn session(stream: &TcpStream, shared: &Shared, tell: &Sender<()>) -> Option<()> {
    let (mut out, mut lines) = (stream, BufReader::new(stream));
    out.write_all(b"220 sink ESMTP\r\n").ok()?;
    let mut to = String::new();
    loop {
        let line = line(&mut lines)?;
        let verb = line.split([' ', '\r']).next()?.to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250 sink\r\n",
            "DATA" => b"354 go on\r\n",
            _ => b"250 ok\r\n",
        };
        if verb == "RCPT" {
            line.split(['<', '>']).nth(1)?.clone_into(&mut to);
        }
        out.write_all(answer).ok()?;
        if verb == "DATA" {
            let data = data(&mut lines)?;
            let mail = Mail {
                to: to.clone(),
                data,
            };
            shared.mails.lock().ok()?.push(mail);
            tell.send(()).ok();
            if !shared.answers.load(Ordering::SeqCst) {
                self::line(&mut lines)?;
            }
            out.write_all(b"250 2.0.0 queued\r\n").ok()?;
        }
    }
}

fn line(lines: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    (lines.read_line(&mut line).ok()? > 0).then_some(line)
}

fn data(lines: &mut impl BufRead) -> Option<String> {
    let mut data = String::new();
    loop {
        let line = line(lines)?;
        if line == ".\r\n" {
            return Some(data);
        }
        data.push_str(&line);
    }
}
