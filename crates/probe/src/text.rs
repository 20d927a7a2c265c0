//! Words for reasons and faults, Chinese and English. The tables of the user interface are made from
//! these, so that a mail, a ticket and a page say the same.

use crate::reason::{Fault, Reason};

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    Chinese,
    /// English.
    English,
}

/// Code, Chinese and English sentence; `{name}` stands for a parameter of the reason.
pub type Row = (&'static str, &'static str, &'static str);

/// Sentences for [`Reason`], by [`Reason::code`].
pub const REASONS: &[Row] = &[
    (
        "timeout",
        "在 {limit_ms} 毫秒内未完成，停在{phase}阶段",
        "not finished within {limit_ms} ms, stuck at {phase}",
    ),
    (
        "name_not_found",
        "域名 {name} 不存在",
        "the name {name} does not exist",
    ),
    (
        "name_without_address",
        "域名 {name} 没有可用的地址记录",
        "the name {name} has no usable address",
    ),
    (
        "name_server_error",
        "域名服务器查询 {name} 返回错误 {rcode}",
        "the name server answered {rcode} for {name}",
    ),
    (
        "name_server_silent",
        "查询 {name} 时域名服务器没有应答",
        "no name server answered for {name}",
    ),
    (
        "connect_refused",
        "{address} 拒绝连接，端口没有服务",
        "{address} refused the connection: nothing listens there",
    ),
    (
        "host_unreachable",
        "{address} 主机不可达",
        "{address} cannot be reached",
    ),
    (
        "connect_failed",
        "连接 {address} 失败：{error}",
        "connecting to {address} failed: {error}",
    ),
    (
        "closed_early",
        "对方在{phase}阶段提前关闭连接",
        "the peer closed the connection during {phase}",
    ),
    (
        "connection_reset",
        "对方在{phase}阶段重置连接",
        "the peer reset the connection during {phase}",
    ),
    (
        "not_tls",
        "该端口不是 TLS 服务",
        "the port does not speak TLS",
    ),
    (
        "tls_incompatible",
        "没有共同的 TLS 版本或加密套件 (本端支持 TLS 1.2 和 1.3)：{detail}",
        "no TLS version or cipher in common (TLS 1.2 and 1.3 are offered): {detail}",
    ),
    (
        "tls_failed",
        "TLS 握手失败：{detail}",
        "the TLS handshake failed: {detail}",
    ),
    (
        "certificate",
        "证书有问题：{problem} ({subject})",
        "the certificate is not acceptable: {problem} ({subject})",
    ),
    (
        "not_http",
        "返回的内容不是 HTTP：{detail}",
        "the answer is not HTTP: {detail}",
    ),
    (
        "header_too_large",
        "响应头过大",
        "the response header is too large",
    ),
    (
        "unexpected_status",
        "状态码 {status} 不在预期之内",
        "status {status} is not an expected one",
    ),
    (
        "keyword_missing",
        "页面中没有关键字 “{keyword}”",
        "the page does not contain “{keyword}”",
    ),
    (
        "keyword_present",
        "页面中出现了不应有的关键字 “{keyword}”",
        "the page contains “{keyword}”, which it must not",
    ),
    (
        "body_too_large",
        "页面超过 {limit} 字节的上限",
        "the page is larger than {limit} bytes",
    ),
    (
        "body_broken",
        "页面内容不完整或分块错误：{detail}",
        "the body breaks off or is wrongly framed: {detail}",
    ),
    (
        "too_much_data",
        "对方发送的数据过多，读到 {bytes} 字节后中断",
        "too much data: cut off after {bytes} bytes",
    ),
    (
        "bad_compression",
        "页面无法解压 (编码 {encoding})",
        "the body cannot be decompressed ({encoding})",
    ),
    (
        "too_many_redirects",
        "跳转超过 {limit} 次",
        "more than {limit} redirects",
    ),
    (
        "redirect_loop",
        "跳转形成死循环：{url}",
        "the redirects go in a circle: {url}",
    ),
    (
        "redirect_forbidden",
        "不允许跳转，却跳转到 {to}",
        "redirected to {to}, but redirects are not allowed",
    ),
    (
        "redirect_invalid",
        "跳转目标无效：{to}",
        "redirected to something that is no web address: {to}",
    ),
    (
        "wrong_landing",
        "最终到达 {url}，不是预期的地址",
        "ended at {url}, which is not the expected address",
    ),
    (
        "banner_mismatch",
        "服务应答与预期不符：{got}",
        "the service answered otherwise than expected: {got}",
    ),
    (
        "no_reply",
        "发送 {sent} 个 ICMP 包，全部没有应答",
        "none of {sent} echo requests was answered",
    ),
    (
        "packet_loss",
        "发送 {sent} 个 ICMP 包，只收到 {received} 个应答",
        "{received} of {sent} echo requests were answered",
    ),
    (
        "icmp_unreachable",
        "{by} 报告目标不可达",
        "{by} reports that the destination cannot be reached",
    ),
    (
        "no_record",
        "没有 {record} 记录",
        "there is no {record} record",
    ),
    (
        "unexpected_answer",
        "解析结果与预期不符：{got}",
        "the answer is not the expected one: {got}",
    ),
];

/// Sentences for [`Fault`], by [`Fault::code`].
pub const FAULTS: &[Row] = &[
    (
        "resolver_silent",
        "采集端的域名服务器没有应答",
        "the prober's own name servers do not answer",
    ),
    (
        "no_resolver",
        "采集端没有可用的域名服务器配置：{detail}",
        "the prober has no usable name server: {detail}",
    ),
    (
        "no_route",
        "采集端没有到 {address} 的路由",
        "the prober has no route to {address}",
    ),
    (
        "out_of_resources",
        "采集端资源不足：{error}",
        "the prober is out of resources: {error}",
    ),
    (
        "not_permitted",
        "采集端的操作系统不允许：{error}",
        "the prober's operating system does not permit it: {error}",
    ),
    (
        "icmp_not_permitted",
        "采集端没有发送 ICMP 的权限：需要 CAP_NET_RAW 能力，或设置 net.ipv4.ping_group_range",
        "the prober may not send ICMP: it needs CAP_NET_RAW, or a group in net.ipv4.ping_group_range",
    ),
    (
        "overloaded",
        "采集端过载，计时晚了 {late_ms} 毫秒",
        "the prober is overloaded: its clock ran {late_ms} ms late",
    ),
    (
        "internal",
        "采集程序内部错误：{detail}",
        "internal error of the prober: {detail}",
    ),
];

/// Words for parameters that are codes themselves: phases and certificate problems.
pub const WORDS: &[Row] = &[
    ("dns", "域名解析", "name lookup"),
    ("connect", "建立连接", "connecting"),
    ("tls", "TLS 握手", "the TLS handshake"),
    ("first_byte", "等待首字节", "waiting for the first byte"),
    ("transfer", "传输", "transfer"),
    ("expired", "已过期", "expired"),
    ("not_yet_valid", "尚未生效", "not valid yet"),
    ("self_signed", "自签名", "self-signed"),
    (
        "untrusted_chain",
        "签发者不受信任或缺少中间证书",
        "issuer not trusted, or intermediate missing",
    ),
    ("wrong_host", "与域名不符", "for another host name"),
    ("invalid", "证书无效", "invalid"),
];

/// Sentences for [`FieldError::code`](crate::FieldError::code).
pub const FIELD_CODES: &[Row] = &[
    ("required", "必填", "is required"),
    ("invalid", "格式不正确", "is not valid"),
    ("unknown_field", "没有这个字段", "is not a known field"),
    ("too_long", "太长", "is too long"),
    ("too_many", "数量过多", "has too many entries"),
    ("out_of_range", "超出允许范围", "is out of range"),
    ("not_allowed", "不允许使用", "is not allowed"),
    (
        "not_an_address",
        "不是有效的 IP 地址",
        "is not an IP address",
    ),
    (
        "not_with_this_method",
        "与所选请求方法不能同时使用",
        "cannot be used with this method",
    ),
    (
        "scheme_not_allowed",
        "只支持 http 和 https 地址",
        "must be an http or https address",
    ),
    (
        "credentials_in_url",
        "网址中不能带用户名和密码，请使用认证设置",
        "must not contain a user name: use basic_auth",
    ),
    ("host_missing", "网址缺少主机名", "has no host"),
    (
        "host_invalid",
        "主机名不正确",
        "has a host name that is not valid",
    ),
    ("port_invalid", "端口不正确", "has a port that is not valid"),
    ("path_invalid", "路径不正确", "has a path that is not valid"),
];

impl Reason {
    /// The sentence.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        render(REASONS, self.code(), serde_json::to_value(self), language)
    }
}

impl Fault {
    /// The sentence.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        render(FAULTS, self.code(), serde_json::to_value(self), language)
    }
}

fn pick(table: &[Row], code: &str, language: Language) -> Option<&'static str> {
    let (_, zh, en) = table.iter().find(|(key, _, _)| *key == code)?;
    Some(match language {
        Language::Chinese => zh,
        Language::English => en,
    })
}

fn render(
    table: &[Row],
    code: &str,
    value: Result<serde_json::Value, serde_json::Error>,
    language: Language,
) -> String {
    let Some(template) = pick(table, code, language) else {
        return code.to_owned();
    };
    let value = value.unwrap_or_default();
    let mut text = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else {
            break;
        };
        text.push_str(before);
        match value.get(name) {
            Some(serde_json::Value::String(word)) if name == "phase" || name == "problem" => {
                text.push_str(pick(WORDS, word, language).unwrap_or(word));
            }
            Some(serde_json::Value::String(word)) => text.push_str(word),
            Some(other) => text.push_str(&other.to_string()),
            None => {}
        }
        rest = tail;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::{CertProblem, Phase};

    #[test]
    fn sentences_are_filled_in() {
        let timeout = Reason::Timeout {
            phase: Phase::FirstByte,
            limit_ms: 5_000,
        };
        assert_eq!(
            timeout.text(Language::Chinese),
            "在 5000 毫秒内未完成，停在等待首字节阶段"
        );
        let certificate = Reason::Certificate {
            problem: CertProblem::Expired,
            subject: "CN=a.cn".into(),
        };
        assert_eq!(
            certificate.text(Language::English),
            "the certificate is not acceptable: expired (CN=a.cn)"
        );
        // What a peer said is not looked into for further places.
        let tricky = Reason::BannerMismatch {
            got: "{got}{sent}".into(),
        };
        assert!(tricky.text(Language::English).ends_with(": {got}{sent}"));
    }

    /// Every code of the enums, by way of their JSON schema: serde knows them all.
    #[test]
    fn every_code_has_its_sentences() {
        let codes = |error: serde_json::Error| -> Vec<String> {
            let text = error.to_string();
            let list = text.split_once("expected one of ").unwrap().1.to_owned();
            list.split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect()
        };
        let reasons = codes(serde_json::from_str::<Reason>(r#"{"code":"?"}"#).unwrap_err());
        let faults = codes(serde_json::from_str::<Fault>(r#"{"code":"?"}"#).unwrap_err());
        assert!(reasons.len() > 30 && faults.len() > 5);
        for (table, codes) in [(REASONS, reasons), (FAULTS, faults)] {
            let rows: Vec<&str> = table.iter().map(|row| row.0).collect();
            assert_eq!(rows.len(), codes.len());
            assert!(
                codes.iter().all(|c| rows.contains(&c.as_str())),
                "{codes:?}"
            );
        }
        for (code, zh, en) in REASONS.iter().chain(FAULTS) {
            let places = |text: &str| {
                text.split('{')
                    .skip(1)
                    .filter_map(|t| t.split('}').next())
                    .map(str::to_owned)
                    .collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(places(zh), places(en), "{code}");
        }
    }
}
