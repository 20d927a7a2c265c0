//! Mail: HTML and text, one recipient each (RFC 5321, 5322).

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::{AsyncSmtpTransport, Error as SmtpError, PoolConfig};
use lettre::{Address, AsyncTransport, Message, Tokio1Executor};

use super::{Failure, Letter, one_line};
use crate::features::notifications::config::{Protection, Secrets, Smtp};

/// Words by which servers without detailed codes say that there is no such recipient.
const MAILBOX: [&str; 5] = ["mailbox", "user", "recipient", "account", "no such"];

/// A mail server's line.
#[derive(Debug)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

impl Mail {
    pub fn new(smtp: &Smtp, secrets: &Secrets) -> Result<Self, Failure> {
        let never = |error: &dyn std::fmt::Display| Failure::Never(error.to_string());
        let from: Mailbox = smtp.from.parse().map_err(|error| never(&error))?;
        let tls = match smtp.tls {
            Protection::Plain => Tls::None,
            Protection::Starttls => Tls::Required(parameters(smtp)?),
            Protection::Tls => Tls::Wrapper(parameters(smtp)?),
        };
        let timeout = Duration::from_secs(smtp.timeout_seconds.clamp(1, 30));
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
            .port(smtp.port)
            .tls(tls)
            .timeout(Some(timeout))
            .pool_config(PoolConfig::new().max_size(4));
        if !smtp.user.is_empty() {
            let password = secrets.get("password").cloned().unwrap_or_default();
            builder = builder.credentials(Credentials::new(smtp.user.clone(), password));
        }
        Ok(Self {
            transport: builder.build(),
            from,
            timeout,
        })
    }

    pub async fn send(&self, letter: &Letter) -> Result<String, Failure> {
        let mail = self.compose(letter)?;
        // The transport limits each step; this limits the whole, whatever the server does.
        let sent = tokio::time::timeout(self.timeout * 2, self.transport.send(mail)).await;
        match sent {
            Err(_) => Err(Failure::Unreachable("timeout".into())),
            Ok(Ok(response)) => {
                let lines: Vec<&str> = response.message().collect();
                Ok(format!("{} {}", response.code(), lines.join(" ")))
            }
            Ok(Err(error)) => Err(meaning(&error)),
        }
    }

    fn compose(&self, letter: &Letter) -> Result<Message, Failure> {
        let never = |error: &dyn std::fmt::Display| Failure::Never(error.to_string());
        let to: Address = letter.address.parse().map_err(|error| never(&error))?;
        let domain = self.from.email.domain();
        let text = format!(
            "{}\r\n\r\n{}\r\n\r\n{}\r\n",
            letter.title, letter.body, letter.link
        );
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&letter.title))
            .message_id(Some(format!("<{}@{domain}>", letter.key)))
            .multipart(MultiPart::alternative_plain_html(text, html(letter)))
            .map_err(|error| never(&error))
    }
}

fn parameters(smtp: &Smtp) -> Result<TlsParameters, Failure> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if !smtp.ca_pem.trim().is_empty() {
        let certificate = Certificate::from_pem(smtp.ca_pem.as_bytes())
            .map_err(|error| Failure::Never(error.to_string()))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder
        .build()
        .map_err(|error| Failure::Never(error.to_string()))
}

/// What a failure means for the message.
fn meaning(error: &SmtpError) -> Failure {
    let text = error.to_string();
    match error.status().map(u16::from) {
        Some(code) if refuses_recipient(code, &text) => Failure::Never(text),
        Some(_) => Failure::Later(text, 0),
        None => {
            let source = std::error::Error::source(error).map(ToString::to_string);
            Failure::Unreachable(source.map_or(text.clone(), |source| format!("{text}: {source}")))
        }
    }
}

/// Whether an answer is about the recipient and so will never be another. All else (relaying, signing in,
/// the sender, a policy) is about us and passes once that is set right, so it stays in sight as waiting.
fn refuses_recipient(code: u16, text: &str) -> bool {
    let words = text.split_whitespace();
    let mut words = words.map(|word| word.trim_matches(|c: char| !c.is_ascii_digit()));
    match words.find(|word| word.starts_with("5.")) {
        // RFC 3463 3.2; the two are about the sender's address. 5.2.1: the mailbox is shut.
        Some("5.1.7" | "5.1.8") => false,
        Some(detail) => detail.starts_with("5.1.") || detail == "5.2.1",
        // Servers without such codes say it in words.
        None => {
            let text = text.to_lowercase();
            matches!(code, 550 | 551) && MAILBOX.iter().any(|word| text.contains(*word))
        }
    }
}

fn html(letter: &Letter) -> String {
    let (title, body, link) = (
        escape(&letter.title),
        escape(&letter.body).replace('\n', "<br>"),
        escape(&letter.link),
    );
    format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><body style=\"font-family:sans-serif;color:#1f2329\">\
         <h3 style=\"margin:0 0 12px\">{title}</h3><p>{body}</p><p><a href=\"{link}\">{link}</a></p></body></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
