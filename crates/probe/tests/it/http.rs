//! HTTP checks against a real nginx and against servers that misbehave.

use std::time::Duration;

use crate::testkit::hostile::{Behaviour, Hostile};
use crate::testkit::nginx::Nginx;
use anlan_probe::{
    BodyLimit, Class, Config, Fault, HttpConfig, Options, Phase, Prober, Reason, RedirectMode,
};

use super::support::{SOON, get, reason, run, with};

#[tokio::test]
async fn r269_a_page_is_up_with_its_phases_and_metrics() {
    let nginx = Nginx::start("");
    nginx.put("index.html", "<title>某某市人民政府</title>");
    let outcome = get(nginx.url("/")).await;
    assert!(outcome.is_up(), "{outcome:?}");
    assert_eq!(outcome.status, Some(200));
    let p = outcome.phases;
    assert_eq!(p.dns_us, None, "an address needs no lookup");
    assert!(p.connect_us.is_some() && p.first_byte_us.is_some() && p.transfer_us.is_some());
    let parts = p.connect_us.unwrap() + p.first_byte_us.unwrap() + p.transfer_us.unwrap();
    assert!(parts <= p.total_us);
    let metrics = outcome.metrics();
    let names: Vec<_> = metrics.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "up",
            "response_ms",
            "connect_ms",
            "first_byte_ms",
            "transfer_ms",
            "bytes_in",
            "bytes_out"
        ]
    );
    assert!(outcome.bytes_in > 30 && outcome.bytes_out > 30);
    assert_eq!(outcome.log, [], "no log is kept of what went well");
}

#[tokio::test]
async fn nginx_stopped_is_refused_and_started_again_is_up() {
    let mut nginx = Nginx::start("");
    nginx.put("index.html", "hello");
    assert!(get(nginx.url("/")).await.is_up());
    nginx.stop();
    let down = get(nginx.url("/")).await;
    assert_eq!(reason(&down).code(), "connect_refused");
    assert!(
        !down
            .metrics()
            .iter()
            .any(|(name, _)| *name == "response_ms")
    );
    assert!(down.metrics().contains(&("up", 0.0)));
    assert!(!down.log.is_empty());
    nginx.resume();
    assert!(get(nginx.url("/")).await.is_up());
}

#[tokio::test]
async fn status_keywords_and_character_sets() {
    let nginx = Nginx::start(
        "charset_types text/html; location = /gbk.html { charset gbk; source_charset gbk; }
         location = /missing { return 404 'nothing here'; } location = /teapot { return 418; }",
    );
    let gbk = [
        b"<meta charset=gb2312><p>".as_slice(),
        &[0xd5, 0xfe, 0xb8, 0xae],
        b"</p>",
    ]
    .concat();
    nginx.put("gbk.html", gbk);
    nginx.put("index.html", "<p>政府信息公开</p>");
    let outcome = run(
        &with(nginx.url("/gbk.html"), |c| c.contains = vec!["政府".into()]),
        SOON,
    )
    .await;
    assert!(outcome.is_up(), "{outcome:?}");
    let missing = run(
        &with(nginx.url("/"), |c| {
            c.contains = vec!["政府".into(), "办事指南".into()];
        }),
        SOON,
    )
    .await;
    assert_eq!(
        reason(&missing),
        &Reason::KeywordMissing {
            keyword: "办事指南".into()
        }
    );
    assert!(
        serde_json::to_string(&missing.log)
            .unwrap()
            .contains("政府信息公开"),
        "the log shows what was there"
    );
    let present = run(
        &with(nginx.url("/"), |c| {
            c.not_contains = vec!["博彩".into(), "公开".into()];
        }),
        SOON,
    )
    .await;
    assert_eq!(
        reason(&present),
        &Reason::KeywordPresent {
            keyword: "公开".into()
        }
    );
    let outcome = get(nginx.url("/missing")).await;
    assert_eq!(reason(&outcome), &Reason::UnexpectedStatus { status: 404 });
    assert!(
        outcome
            .metrics()
            .iter()
            .any(|(name, _)| *name == "response_ms"),
        "a whole answer came"
    );
    assert!(
        run(
            &with(nginx.url("/teapot"), |c| c.expect_status =
                vec!["4xx".into()]),
            SOON
        )
        .await
        .is_up()
    );
}

#[tokio::test]
async fn method_headers_body_and_basic_auth_arrive() {
    let nginx = Nginx::start(
        r#"location = /echo { if ($http_authorization != "Basic dTpw") { return 401; }
           if ($http_x_key != "k") { return 400; } if ($request_method != PUT) { return 405; }
           if ($content_length != 4) { return 411; } return 200 "fine"; }"#,
    );
    let config = with(nginx.url("/echo"), |c| {
        c.method = "PUT".into();
        c.body = Some("body".into());
        c.headers.insert("X-Key".into(), "k".into());
        c.basic_auth = Some(
            serde_json::from_value(serde_json::json!({"user": "u", "password": "p"})).unwrap(),
        );
        c.contains = vec!["fine".into()];
    });
    let outcome = run(&config, SOON).await;
    assert!(outcome.is_up(), "{outcome:?}");
    assert!(
        !format!("{config:?}").contains("\"p\""),
        "the password is not in debug output"
    );
}

#[tokio::test]
async fn redirects_are_followed_forbidden_judged_or_lead_astray() {
    let nginx = Nginx::start(
        "absolute_redirect off;
         location = /old { return 301 /new; } location = /new { return 200 'landed'; }
         location = /loop { return 302 /pool; } location = /pool { return 302 /loop; }
         location ~ ^/n(\\d*)$ { return 302 /n$1 1; } location ~ ^/deeper { return 302 /deeper$uri; }
         location = /ftp { return 302 ftp://127.0.0.1/; }
         location = /cookie { if ($http_cookie = 'pass=1') { return 200 'in'; }
            add_header Set-Cookie 'pass=1; Path=/' always; return 302 /cookie; }"
            .replace("location ~ ^/n(\\d*)$ { return 302 /n$1 1; } ", "")
            .as_str(),
    );
    let followed = run(
        &with(nginx.url("/old"), |c| c.contains = vec!["landed".into()]),
        SOON,
    )
    .await;
    assert!(followed.is_up(), "{followed:?}");
    assert_eq!(followed.final_url, Some(nginx.url("/new")));
    let forbidden = run(
        &with(nginx.url("/old"), |c| {
            c.redirect.mode = RedirectMode::Forbid;
        }),
        SOON,
    )
    .await;
    assert_eq!(
        reason(&forbidden),
        &Reason::RedirectForbidden { to: "/new".into() }
    );
    let judged = with(nginx.url("/old"), |c| {
        c.redirect.mode = RedirectMode::Judge;
        c.expect_status = vec!["301".into()];
    });
    assert!(run(&judged, SOON).await.is_up());
    let astray = run(
        &with(nginx.url("/old"), |c| {
            c.redirect.land_on = Some("https://www.gov.cn/".into());
        }),
        SOON,
    )
    .await;
    assert_eq!(reason(&astray).code(), "wrong_landing");
    assert_eq!(
        reason(&get(nginx.url("/loop")).await).code(),
        "redirect_loop"
    );
    assert_eq!(
        reason(&get(nginx.url("/deeper")).await),
        &Reason::TooManyRedirects { limit: 5 }
    );
    assert_eq!(
        reason(&get(nginx.url("/ftp")).await),
        &Reason::RedirectInvalid {
            to: "ftp://127.0.0.1/".into()
        }
    );
    assert!(
        get(nginx.url("/cookie")).await.is_up(),
        "a gateway that wants its cookie back is satisfied"
    );
}

#[tokio::test]
async fn a_redirect_to_elsewhere_takes_no_secrets_with_it() {
    let stranger = Nginx::start(
        r#"location / { if ($http_authorization) { return 418; } if ($http_x_token) { return 418; }
           if ($http_cookie) { return 418; } return 200 "clean"; }"#,
    );
    let home = Nginx::start(&format!(
        r#"location = /away {{ add_header Set-Cookie "session=1"; return 302 {}; }}
           location = /within {{ return 302 /here; }}
           location = /here {{ if ($http_x_token != "t") {{ return 403; }} return 200 "clean"; }}"#,
        // Another port is another origin; another host would be too, but cookies go by host.
        stranger.url("/").replace("127.0.0.1", "127.0.0.2"),
    ));
    let config = |path: &str| {
        with(home.url(path), |c| {
            c.basic_auth = Some(
                serde_json::from_value(serde_json::json!({"user": "u", "password": "p"})).unwrap(),
            );
            c.headers.insert("X-Token".into(), "t".into());
            c.contains = vec!["clean".into()];
        })
    };
    let within = run(&config("/within"), SOON).await;
    assert!(within.is_up(), "{within:?}");
    let away = run(&config("/away"), SOON).await;
    assert!(away.is_up(), "{away:?}");
    let log =
        serde_json::to_string(&run(&with(home.url("/gone"), |c| *c = config("/gone")), SOON).await)
            .unwrap();
    assert!(
        log.contains("404") && !log.contains("dTpw") && !log.contains("X-Token"),
        "{log}"
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_cut_or_fails() {
    let nginx = Nginx::start("");
    nginx.put("big.html", format!("{}needle", "x".repeat(100_000)));
    let config = |over_limit| {
        with(nginx.url("/big.html"), |c| {
            c.body_limit_bytes = 10_000;
            c.over_limit = over_limit;
        })
    };
    let cut = run(&config(BodyLimit::Truncate), SOON).await;
    assert!(cut.is_up(), "{cut:?}");
    let failed = run(&config(BodyLimit::Fail), SOON).await;
    assert_eq!(reason(&failed), &Reason::BodyTooLarge { limit: 10_000 });
    let beyond = with(nginx.url("/big.html"), |c| {
        c.body_limit_bytes = 10_000;
        c.contains = vec!["needle".into()];
    });
    assert_eq!(reason(&run(&beyond, SOON).await).code(), "keyword_missing");
}

/// Each misbehaviour, the reason it must be given, and the time it may take.
#[tokio::test]
async fn hostile_servers_get_a_clear_reason_inside_the_deadline() {
    let head = |more: &str| format!("HTTP/1.1 200 OK\r\n{more}\r\n").into_bytes();
    let timeout = |phase| Reason::Timeout {
        phase,
        limit_ms: 600,
    };
    let table: Vec<(&str, Behaviour, Reason)> = vec![
        ("silent", Behaviour::Silent, timeout(Phase::FirstByte)),
        (
            "reset",
            Behaviour::Reset,
            Reason::ConnectionReset {
                phase: Phase::FirstByte,
            },
        ),
        (
            "a header drip",
            Behaviour::Drip(head("X-Slow: yes\r\n"), Duration::from_millis(20)),
            timeout(Phase::Transfer),
        ),
        (
            "a body that never comes",
            Behaviour::SayAndHold(head("Content-Length: 10\r\n")),
            timeout(Phase::Transfer),
        ),
        (
            "a body that breaks off",
            Behaviour::Say([head("Content-Length: 10\r\n"), b"half".to_vec()].concat()),
            Reason::ClosedEarly {
                phase: Phase::Transfer,
            },
        ),
        (
            "endless headers",
            Behaviour::Flood(b"HTTP/1.1 200 OK\r\n".to_vec(), b"A: b\r\n".to_vec()),
            Reason::HeaderTooLarge,
        ),
        (
            "one endless header",
            Behaviour::Flood(b"HTTP/1.1 200 OK\r\nA: ".to_vec(), vec![b'a'; 1_000]),
            Reason::HeaderTooLarge,
        ),
    ];
    for (name, behaviour, expected) in table {
        let server = Hostile::start(behaviour).await;
        let outcome = run(&HttpConfig::get(server.url()), SOON).await;
        assert_eq!(reason(&outcome), &expected, "{name}");
        assert!(outcome.log.len() <= anlan_probe::MOST_LINES);
    }
}

#[tokio::test]
async fn a_prober_that_is_too_busy_blames_itself() {
    let server = Hostile::start(Behaviour::Silent).await;
    let prober = Prober::new(&Options::default()).unwrap();
    let check = Config::Http(HttpConfig::get(server.url())).check().unwrap();
    // Something blocks the only thread far beyond the deadline.
    let busy = async { std::thread::sleep(Duration::from_millis(900)) };
    let (outcome, ()) = futures::join!(prober.run(&check, Duration::from_millis(100)), busy);
    assert!(
        matches!(
            outcome.class,
            Class::Unknown(Fault::Overloaded { late_ms: 700.. })
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn nonsense_is_not_http() {
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let table: Vec<(Vec<u8>, &str)> = vec![
        (b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(), "not_http"),
        (b"\0\x01\x02\x03garbage\r\n\r\n".to_vec(), "not_http"),
        (b"HTTP/1.1 99 Low\r\n\r\n".to_vec(), "not_http"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n".to_vec(),
            "not_http",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n".to_vec(),
            "not_http",
        ),
        (
            [chunked.clone(), b"zz\r\nabc\r\n".to_vec()].concat(),
            "body_broken",
        ),
        (
            [chunked.clone(), b"ffffffffffffffffff\r\nabc\r\n".to_vec()].concat(),
            "body_broken",
        ),
        (
            [chunked.clone(), b"5\r\nabcdeXX".to_vec()].concat(),
            "body_broken",
        ),
        ([chunked, b"5\r\nab".to_vec()].concat(), "closed_early"),
        (Vec::new(), "closed_early"),
    ];
    for (answer, code) in table {
        let shown = String::from_utf8_lossy(&answer).into_owned();
        let server = Hostile::start(Behaviour::Say(answer)).await;
        let outcome = get(server.url()).await;
        assert_eq!(reason(&outcome).code(), code, "{shown:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn floods_are_cut_off() {
    let interim = Behaviour::Flood(Vec::new(), b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100));
    let server = Hostile::start(interim).await;
    let config = with(server.url(), |c| c.body_limit_bytes = 1_000);
    let outcome = run(&config, Duration::from_secs(20)).await;
    assert_eq!(reason(&outcome).code(), "too_much_data");
    // An endless body is read up to the limit and no further.
    let endless = Behaviour::Flood(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 65_536]);
    let server = Hostile::start(endless).await;
    let config = with(server.url(), |c| c.contains = vec!["never".into()]);
    let outcome = run(&config, Duration::from_secs(20)).await;
    assert_eq!(reason(&outcome).code(), "keyword_missing");
    assert!(outcome.bytes_in < 2 << 20, "{}", outcome.bytes_in);
}

#[tokio::test]
async fn old_servers_are_understood() {
    let answers: [&[u8]; 4] = [
        b"HTTP/1.0 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 \xd5\xfd\xb3\xa3\r\nServer : IIS\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ];
    for answer in answers {
        let server = Hostile::start(Behaviour::Say(answer.to_vec())).await;
        let outcome = get(server.url()).await;
        assert!(
            outcome.is_up(),
            "{}: {outcome:?}",
            String::from_utf8_lossy(answer)
        );
    }
}

#[tokio::test]
async fn an_address_without_a_route_is_the_probers_fault() {
    // The kernel has no unicast route to a multicast address and says so at once.
    let outcome = run(&HttpConfig::get("http://224.0.0.1/"), SOON).await;
    assert_eq!(
        outcome.class,
        Class::Unknown(Fault::NoRoute {
            address: "224.0.0.1".parse().unwrap()
        })
    );
    assert_eq!(outcome.metrics(), [], "nothing is known about the target");
}

/// A reproducible stream of numbers (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        usize::try_from((x ^ (x >> 27)) >> 33).unwrap() % sides
    }
}

/// Answers put together from the parts that parsers get wrong: always a verdict, never a panic.
#[tokio::test]
async fn any_answer_at_all_ends_in_a_verdict() {
    let parts: [&[u8]; 20] = [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 301 Moved\r\n",
        b"HTTP/1.1 ",
        b"HTTP/2 200\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Location: //\xff:0/\r\n",
        b"Location: http://[::1\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Content-Type: text/html; charset=utf-16\r\n",
        b"Set-Cookie: =;;\r\n",
        b"0\r\n\r\n",
        b"5\r\nhello\r\n",
        b"\x1f\x8b\x08\0\0\0\0\0",
        b"\0\xff\xfe",
        b"Connection: upgrade\r\n",
    ];
    let prober = Prober::new(&Options::default()).unwrap();
    let mut dice = Dice(7);
    for round in 0..300 {
        let mut answer = if round % 2 == 0 {
            parts[0].to_vec()
        } else {
            Vec::new()
        };
        for _ in 0..dice.roll(8) {
            answer.extend_from_slice(parts[dice.roll(parts.len())]);
        }
        let shown = String::from_utf8_lossy(&answer).into_owned();
        let server = Hostile::start(Behaviour::Say(answer)).await;
        let config = with(server.url(), |c| c.contains = vec!["hello".into()]);
        let check = Config::Http(config).check().unwrap();
        let outcome = prober.run(&check, SOON).await;
        let internal = matches!(outcome.class, Class::Unknown(_));
        assert!(!internal, "{shown:?}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_compressed_bomb_costs_no_more_than_a_page() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..256 {
        encoder.write_all(&[b'a'; 1 << 20]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        bomb.len()
    );
    let server = Hostile::start(Behaviour::Say([head.into_bytes(), bomb].concat())).await;
    let config = with(server.url(), |c| c.contains = vec!["needle".into()]);
    let outcome = run(&config, Duration::from_secs(5)).await;
    assert_eq!(reason(&outcome).code(), "keyword_missing");
    assert!(outcome.bytes_in < 1 << 20);
}
