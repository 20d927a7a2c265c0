//! What a mail server's refusals mean: the recipient's fault for good, or ours until it is set right.

use anlan_server::features::notifications::Sender;
use serde_json::{Value, json};

use super::sinks::MailSink;
use super::{alarm, channel, deliveries, person, smtp};
use crate::support::both;

#[test]
fn what_is_wrong_with_us_waits_and_what_is_wrong_with_the_recipient_is_dead() {
    both(async |app| {
        let sink = MailSink::start().await;
        channel(&app, "smtp", smtp(sink.port), json!({}), Value::Null).await;
        let zhang = person(&app, "zhang", "").await;
        let sender = Sender::new(app.app.clone());
        for (verb, answer, state) in [
            (
                "RCPT",
                "554 5.7.1 <zhang@example.cn>: Relay access denied",
                "pending",
            ),
            ("RCPT", "550 5.7.1 Unable to relay", "pending"),
            ("RCPT", "550 relay not permitted", "pending"),
            (
                "MAIL",
                "553 Mail from must equal authorized user",
                "pending",
            ),
            (
                "MAIL",
                "550 5.1.8 Sender address rejected: Domain not found",
                "pending",
            ),
            ("DATA", "550 Mail content denied", "pending"),
            ("DATA", "554 5.7.1 Message rejected as spam", "pending"),
            ("RCPT", "550 5.1.1 no such mailbox", "dead"),
            ("RCPT", "553 5.1.3 Bad recipient address syntax", "dead"),
            ("RCPT", "550 5.2.1 The mailbox is disabled", "dead"),
            ("RCPT", "550 User not found: zhang@example.cn", "dead"),
            (
                "RCPT",
                "550 Requested action not taken: mailbox unavailable",
                "dead",
            ),
        ] {
            sink.refuse(verb, answer);
            alarm(&app, &[zhang], answer).await;
            sender.pass().await.unwrap();
            let newest = &deliveries(&app, "limit=1").await[0];
            assert_eq!(newest["state"], state, "{answer}");
            let error = newest["error"].as_str().unwrap();
            assert!(error.contains(&answer[4..]), "{error}");
        }
        // The server lets us relay now: what waited goes out.
        sink.accept();
        app.pass(30);
        sender.pass().await.unwrap();
        assert_eq!(sink.mails().len(), 7);
        assert!(deliveries(&app, "state=pending").await.is_empty());
    });
}
