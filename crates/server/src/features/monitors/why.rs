//! Why a monitor is not well. An alert keeps what was seen and not its words, so that each reader has
//! them in his own language.

use anlan_core::alert::Reason;
use anlan_probe::Class;
use anlan_probe::text::Language;
use serde::{Deserialize, Serialize};

use crate::platform::error::{Error, Result};
use crate::platform::i18n::Lang;

/// Why something happened to a monitor.
#[derive(Debug, Serialize, Deserialize)]
pub struct Why {
    /// As the rule puts it.
    pub rule: Reason,
    /// What the probe saw.
    pub seen: Class,
}

impl Why {
    /// As it is kept with an alert.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn stored(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    /// What is kept with an alert, in a reader's language. One of before it was kept like this stays
    /// as it is.
    pub fn told(stored: &str, lang: Lang) -> String {
        match serde_json::from_str::<Self>(stored) {
            Ok(why) => why.text(lang),
            Err(_) => stored.to_owned(),
        }
    }

    /// In words: of a threshold as the rule puts it, of a failure as the probe does.
    pub fn text(&self, lang: Lang) -> String {
        let beyond = |metric: &str, value: f64, zh: &str, en: &str, limit: f64| {
            let (name, value) = (metric_name(metric, lang), (value * 10.0).round() / 10.0);
            format!("{name} {value} {} {limit}", lang.pick(zh, en))
        };
        match (&self.rule, &self.seen) {
            (
                Reason::Above {
                    metric,
                    value,
                    limit,
                },
                _,
            ) => beyond(metric, *value, "高于", "is above", *limit),
            (
                Reason::Below {
                    metric,
                    value,
                    limit,
                },
                _,
            ) => beyond(metric, *value, "低于", "is below", *limit),
            (_, Class::Down(reason)) => reason.text(language(lang)),
            (_, Class::Unknown(fault)) => fault.text(language(lang)),
            (Reason::Eased, Class::Up) => lang.pick("已减轻", "it has eased").to_owned(),
            (_, Class::Up) => lang.pick("正常", "well").to_owned(),
        }
    }
}

/// A reader's language as the probe names it.
pub const fn language(lang: Lang) -> Language {
    match lang {
        Lang::Zh => Language::Chinese,
        Lang::En => Language::English,
    }
}

fn metric_name(metric: &str, lang: Lang) -> &str {
    let (zh, en) = match metric {
        "response_ms" => ("响应时间（毫秒）", "response time (ms)"),
        "cert_days" => ("证书剩余天数", "days left of the certificate"),
        "loss" => ("丢包率（%）", "packet loss (%)"),
        "first_byte_ms" => ("首字节时间（毫秒）", "time to first byte (ms)"),
        "dns_ms" => ("域名解析时间（毫秒）", "name resolution (ms)"),
        "connect_ms" => ("建立连接时间（毫秒）", "connecting (ms)"),
        "tls_ms" => ("TLS 握手时间（毫秒）", "TLS handshake (ms)"),
        other => (other, other),
    };
    lang.pick(zh, en)
}
