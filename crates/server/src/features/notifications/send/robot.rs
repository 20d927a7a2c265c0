//! Group chat robots of 企业微信, 钉钉 and 飞书, in their own formats, signatures and limits.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::Sha256;

use super::web::Answer;
use super::{Failure, Letter, cut, one_line, web};
use crate::features::notifications::config::{self, Secrets, Vendor};
use crate::platform::at::At;

/// A robot's line.
#[derive(Debug)]
pub struct Robot {
    vendor: Vendor,
    url: String,
    mention: Vec<String>,
    secrets: Secrets,
    client: Client,
}

impl Robot {
    pub fn new(vendor: Vendor, robot: &config::Robot, secrets: &Secrets) -> Result<Self, Failure> {
        let url = match (robot.url.as_str(), vendor) {
            ("", Vendor::Wecom) => "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
            ("", Vendor::Dingtalk) => "https://oapi.dingtalk.com/robot/send",
            ("", Vendor::Feishu) => "https://open.feishu.cn/open-apis/bot/v2/hook",
            (own, _) => own,
        };
        Ok(Self {
            vendor,
            url: url.trim_end_matches('/').to_owned(),
            mention: robot.mention.clone(),
            secrets: secrets.clone(),
            client: web::client(&robot.road)?,
        })
    }

    /// Bytes of text in one message, with room for what stands around it.
    fn room(&self) -> usize {
        match self.vendor {
            Vendor::Wecom if self.mention.is_empty() => 4096,
            Vendor::Wecom => 2048,
            // The whole body may have 20,000 bytes.
            Vendor::Dingtalk | Vendor::Feishu => 15_000,
        }
    }

    /// Whether it shows markdown. 企业微信 calls nobody by name in markdown, 飞书 shows none in `text`.
    fn markdown(&self) -> bool {
        match self.vendor {
            Vendor::Wecom => self.mention.is_empty(),
            Vendor::Dingtalk => true,
            Vendor::Feishu => false,
        }
    }

    pub fn fit(&self, letters: &[Letter]) -> usize {
        let mut size = heading(letters.len()).len() + self.calls().len();
        let fits = letters.iter().take_while(|letter| {
            size += self.line(letter).len();
            size <= self.room()
        });
        fits.count().max(1).min(letters.len())
    }

    pub async fn send(&self, letters: &[Letter], now: At) -> Result<String, Failure> {
        let text = self.text(letters);
        let title = match letters {
            [one] => one_line(&one.title),
            many => heading(many.len()),
        };
        let (url, body) = self.request(&title, &text, now)?;
        self.judge(&web::exchange(self.client.post(url).json(&body)).await?)
    }

    fn text(&self, letters: &[Letter]) -> String {
        let text = match letters {
            [one] => self.single(one),
            many => {
                let lines: String = many.iter().map(|letter| self.line(letter)).collect();
                format!("{}\n{lines}", heading(many.len()))
            }
        };
        let calls = self.calls();
        let room = self.room().saturating_sub(calls.len());
        format!("{}{calls}", cut(&text, room))
    }

    fn single(&self, letter: &Letter) -> String {
        let (title, body) = (plain(&letter.title), plain(&letter.body));
        if self.markdown() {
            format!("**{title}**\n\n> {body}\n\n[查看 Open]({})", letter.link)
        } else {
            format!("{title}\n{body}\n{}", letter.link)
        }
    }

    fn line(&self, letter: &Letter) -> String {
        let title = plain(&letter.title);
        if self.markdown() {
            format!("- [{title}]({})\n", letter.link)
        } else {
            format!("- {title} {}\n", letter.link)
        }
    }

    /// 钉钉 calls only those whose number also stands in the text; 飞书 has tags for it.
    fn calls(&self) -> String {
        match self.vendor {
            Vendor::Wecom => String::new(),
            Vendor::Dingtalk => self
                .mention
                .iter()
                .map(|who| format!(" @{}", who.trim_start_matches('@')))
                .collect(),
            Vendor::Feishu if self.mention.iter().any(|who| who == "@all") => {
                "\n<at user_id=\"all\">所有人</at>".into()
            }
            Vendor::Feishu => String::new(),
        }
    }

    fn request(&self, title: &str, text: &str, now: At) -> Result<(String, Value), Failure> {
        let secret = |name: &str| {
            self.secrets
                .get(name)
                .map(String::as_str)
                .unwrap_or_default()
        };
        let encoded =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        match self.vendor {
            Vendor::Wecom => {
                let url = format!("{}?key={}", self.url, encoded(secret("key")));
                let body = if self.markdown() {
                    json!({ "msgtype": "markdown", "markdown": { "content": text } })
                } else {
                    json!({ "msgtype": "text", "text": { "content": text, "mentioned_mobile_list": self.mention } })
                };
                Ok((url, body))
            }
            Vendor::Dingtalk => {
                let mut url = format!(
                    "{}?access_token={}",
                    self.url,
                    encoded(secret("access_token"))
                );
                if !secret("sign").is_empty() {
                    let timestamp = now.0 / 1_000;
                    let sign = hmac(secret("sign"), &format!("{timestamp}\n{}", secret("sign")))?;
                    url = format!("{url}&timestamp={timestamp}&sign={}", encoded(&sign));
                }
                let all = self.mention.iter().any(|who| who == "@all");
                let mobiles: Vec<&String> =
                    self.mention.iter().filter(|who| *who != "@all").collect();
                let body = json!({
                    "msgtype": "markdown",
                    "markdown": { "title": title, "text": text },
                    "at": { "atMobiles": mobiles, "isAtAll": all },
                });
                Ok((url, body))
            }
            Vendor::Feishu => {
                let url = format!("{}/{}", self.url, encoded(secret("hook")));
                let mut body = json!({ "msg_type": "text", "content": { "text": text } });
                if !secret("sign").is_empty() {
                    // Key and message stand the other way round than at 钉钉.
                    let timestamp = (now.0 / 1_000_000).to_string();
                    body["sign"] = hmac(&format!("{timestamp}\n{}", secret("sign")), "")?.into();
                    body["timestamp"] = timestamp.into();
                }
                Ok((url, body))
            }
        }
    }

    /// The vendors answer 200 to whatever they refuse, and their gateways other statuses with the same
    /// codes in them: the code decides.
    fn judge(&self, answer: &Answer) -> Result<String, Failure> {
        let shown = answer.shown(300);
        let json: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let code = ["errcode", "code", "StatusCode"];
        let code = code.iter().find_map(|name| json[name].as_i64());
        if answer.status.is_success() && code == Some(0) {
            return Ok(shown);
        }
        let message = ["errmsg", "msg", "StatusMessage"];
        let message = message.iter().find_map(|name| json[name].as_str());
        let closed = code.and_then(|code| shut_out(self.vendor, code, message.unwrap_or_default()));
        match closed.max(answer.rest) {
            Some(seconds) => Err(Failure::ShutOut(shown, seconds)),
            None => Err(Failure::Later(shown, 0)),
        }
    }
}

/// Seconds for which a vendor takes nothing more from a robot that has sent too much.
fn shut_out(vendor: Vendor, code: i64, message: &str) -> Option<i64> {
    match (vendor, code) {
        // Counted by the minute.
        (Vendor::Wecom, 45009) | (Vendor::Feishu, 11232) => Some(60),
        // 飞书 says the same of a body it cannot read.
        (Vendor::Feishu, 9499) if message.to_lowercase().contains("too many") => Some(60),
        // 钉钉 shuts out for ten minutes.
        (Vendor::Dingtalk, 130_101 | 660_026) => Some(600),
        _ => None,
    }
}

fn heading(count: usize) -> String {
    format!("共 {count} 条消息 {count} messages")
}

/// Text of strangers: it may neither make links nor call everybody.
fn plain(text: &str) -> String {
    one_line(text)
        .chars()
        .map(|character| match character {
            '[' => '［',
            ']' => '］',
            '<' => '＜',
            '>' => '＞',
            '`' => '｀',
            '@' => '＠',
            other => other,
        })
        .collect()
}

fn hmac(key: &str, message: &str) -> Result<String, Failure> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map_err(|error| Failure::Never(error.to_string()))?;
    mac.update(message.as_bytes());
    Ok(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}
