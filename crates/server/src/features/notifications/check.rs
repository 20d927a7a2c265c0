//! Whether a channel as written can work at all: every wrong field is named.

use lettre::message::Mailbox;
use uuid::Uuid;

use super::config::{Config, Http, Road, Rule, Secrets};
use super::send::{Sample, Wire};
use crate::platform::error::FieldError;

/// Longest secret, in characters.
const SECRET: usize = 4_000;

/// What is wrong with a configuration and its secrets.
pub fn check(config: &Config, secrets: &Secrets) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    rule(config.rule(), &mut wrong);
    match config {
        Config::Smtp(smtp) => {
            if smtp.host.trim().is_empty() {
                wrong.push(FieldError::new("config.host", "required"));
            }
            if smtp.port == 0 {
                wrong.push(range("config.port", 1, 65_535));
            }
            if smtp.from.parse::<Mailbox>().is_err() {
                wrong.push(FieldError::new("config.from", "bad_sender"));
            }
            if !(1..=30).contains(&smtp.timeout_seconds) {
                wrong.push(range("config.timeout_seconds", 1, 30));
            }
        }
        Config::Http(http) => {
            gateway(http, secrets, &mut wrong);
            road(&http.road, &mut wrong);
        }
        Config::Robot(_, robot) => {
            if !robot.url.is_empty() {
                url("config.url", &robot.url, &mut wrong);
            }
            road(&robot.road, &mut wrong);
        }
    }
    names(config, secrets, &mut wrong);
    // Last, what only shows when the line is made: certificates and proxies.
    if wrong.is_empty()
        && let Err(failure) = Wire::new(config, secrets)
    {
        wrong.push(FieldError::new("config", "unusable").with("reason", failure));
    }
    wrong
}

fn range(field: &str, min: u64, max: u64) -> FieldError {
    FieldError::new(field, "out_of_range")
        .with("min", min)
        .with("max", max)
}

fn rule(rule: &Rule, wrong: &mut Vec<FieldError>) {
    if !(1..=20).contains(&rule.fallback_after) {
        wrong.push(range("config.rule.fallback_after", 1, 20));
    }
    for (field, count) in [
        ("projects", rule.projects.len()),
        ("kinds", rule.kinds.len()),
    ] {
        if count > 200 {
            wrong.push(range(&format!("config.rule.{field}"), 0, 200));
        }
    }
}

fn road(road: &Road, wrong: &mut Vec<FieldError>) {
    if road.timeout_seconds > 20 {
        wrong.push(range("config.road.timeout_seconds", 0, 20));
    }
    if !road.proxy.is_empty() {
        url("config.road.proxy", &road.proxy, wrong);
    }
}

fn url(field: &str, text: &str, wrong: &mut Vec<FieldError>) {
    let good = reqwest::Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !good {
        wrong.push(FieldError::new(field, "bad_url"));
    }
}

fn gateway(http: &Http, secrets: &Secrets, wrong: &mut Vec<FieldError>) {
    const METHODS: [&str; 3] = ["GET", "POST", "PUT"];
    if !METHODS.contains(&http.method.as_str()) {
        wrong.push(FieldError::new("config.method", "one_of").with("options", METHODS.join(", ")));
    }
    if !(10..=2_000).contains(&http.max_chars) {
        wrong.push(range("config.max_chars", 10, 2_000));
    }
    if !(1..=1_000).contains(&http.max_recipients) {
        wrong.push(range("config.max_recipients", 1, 1_000));
    }
    // As if it were sent: whatever a template asks for must be there.
    let key = Uuid::nil().to_string();
    let sample = Sample {
        phones: &["13800000000"],
        title: "测试",
        body: "测试",
        link: "https://localhost/",
        key: &key,
    };
    match sample.check(http, secrets) {
        Err((field, reason)) => {
            wrong.push(FieldError::new(field, "bad_template").with("reason", reason));
        }
        Ok(address) => url("config.url", &address, wrong),
    }
    for name in http.headers.keys() {
        if reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_err() {
            wrong.push(FieldError::new(
                format!("config.headers.{name}"),
                "bad_header",
            ));
        }
    }
}

fn names(config: &Config, secrets: &Secrets, wrong: &mut Vec<FieldError>) {
    let known = config.secrets();
    for (name, must) in known {
        if *must && secrets.get(*name).is_none_or(|secret| secret.is_empty()) {
            wrong.push(FieldError::new(format!("secret.{name}"), "required"));
        }
    }
    for (name, secret) in secrets {
        let free = matches!(config, Config::Http(_));
        if !free && known.iter().all(|(other, _)| other != name) {
            wrong.push(FieldError::new(format!("secret.{name}"), "unknown"));
        }
        if secret.chars().count() > SECRET {
            wrong.push(FieldError::new(format!("secret.{name}"), "too_long").with("max", SECRET));
        }
    }
}
