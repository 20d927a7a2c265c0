//! Mail over protected connections, and secrets that are sealed where they are stored.

use anlan_server::features::notifications::Sender;
use anlan_server::features::notifications::rows::channels;
use anlan_server::platform::vault::Vault;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::{Value, json};

use super::sinks::{MailSink, certificate};
use super::{alarm, channel, deliveries, person, smtp};
use crate::support::{TestApp, both};

/// A mail channel with this protection, trusting this certificate besides the public ones.
async fn protected(app: &TestApp, port: u16, tls: &str, ca: &str) {
    let mut config = smtp(port);
    config["tls"] = tls.into();
    config["ca_pem"] = ca.into();
    channel(app, "smtp", config, json!({}), Value::Null).await;
}

async fn one_alarm(app: &TestApp) {
    let zhang = person(app, "zhang", "13800000001").await;
    alarm(app, &[zhang], "告警：门户打不开").await;
    Sender::new(app.app.clone()).pass().await.unwrap();
}

#[test]
fn mail_goes_over_tls_from_the_first_byte_or_once_asked() {
    both(async |app| {
        let (ca, acceptor) = certificate();
        let asked = MailSink::starttls(acceptor.clone()).await;
        let always = MailSink::tls(acceptor).await;
        protected(&app, asked.port, "starttls", &ca).await;
        protected(&app, always.port, "tls", &ca).await;
        one_alarm(&app).await;
        assert_eq!((asked.mails().len(), always.mails().len()), (1, 1));
    });
}

#[test]
fn a_mail_server_that_nobody_vouches_for_gets_nothing() {
    both(async |app| {
        let (_, acceptor) = certificate();
        let unknown = MailSink::tls(acceptor).await;
        let plain = MailSink::start().await;
        protected(&app, unknown.port, "tls", "").await;
        protected(&app, plain.port, "starttls", "").await;
        one_alarm(&app).await;
        assert_eq!((unknown.mails().len(), plain.mails().len()), (0, 0));
        let waiting = deliveries(&app, "state=pending").await;
        assert_eq!(waiting.len(), 2, "{waiting:?}");
        let errors: Vec<String> = waiting.iter().map(|d| d["error"].to_string()).collect();
        assert!(
            errors.iter().any(|error| error.contains("UnknownIssuer")),
            "{errors:?}"
        );
    });
}

#[test]
fn secrets_are_sealed_in_the_store_and_a_changed_key_is_told() {
    both(async |app| {
        let made = channel(
            &app,
            "wecom",
            json!({ "url": "http://127.0.0.1:9" }),
            json!({ "key": "TOP-SECRET" }),
            Value::Null,
        )
        .await;
        let row = channels::Entity::find_by_id(crate::support::id(&made["id"]))
            .one(app.app.db.read())
            .await
            .unwrap()
            .unwrap();
        assert!(row.secrets.contains("v1:"), "{}", row.secrets);
        assert!(!row.secrets.contains("TOP-SECRET"), "{}", row.secrets);

        // As another installation's key would have sealed it.
        let stranger = Vault::open(&app.app.config.data.join("other.key")).unwrap();
        let foreign = stranger.seal("channel/1/key", "TOP-SECRET").unwrap();
        let mut row = row.into_active_model();
        row.secrets = Set(json!({ "key": foreign }).to_string());
        app.app
            .db
            .write(move |tx| Box::pin(async move { Ok(row.update(&tx.db).await?) }))
            .await
            .unwrap();
        one_alarm(&app).await;
        let waiting = deliveries(&app, "state=pending").await;
        assert_eq!(waiting[0]["attempts"], 1, "{waiting:?}");
        let told = waiting[0]["error"].to_string();
        assert!(told.contains("密钥文件已更换"), "{told}");
        // Entered again, it works again.
        let admin = app.admin().await;
        let path = format!("/channels/{}", made["id"].as_str().unwrap());
        let mut sent = json!({ "name": "robot", "kind": "wecom", "config": { "url": "http://127.0.0.1:9" }, "fallback_id": null, "enabled": true });
        admin
            .put(&path, &json!(1), sent.clone())
            .await
            .wrong(&["secret.key required"]);
        sent["secret"] = json!({ "key": "NEW" });
        admin.put(&path, &json!(1), sent).await.ok();
    });
}
