//! What browsers, proxies and whoever speaks raw HTTP are told: headers that every answer carries, names and addresses that a client
//! may make up, paths and lines that say one thing to one reader and another to the next.

use crate::work_item::{body, handed_out, id};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};
use tests::{Answer, City, PASSWORD, city};

/// Sends bytes as they are; gives all that comes back until the server has nothing more to say.
fn raw(city: &City, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(city.base.trim_start_matches("http://")).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_millis(700))).expect("a limit can be set");
    stream.write_all(bytes).expect("it can be sent");
    let mut answer = Vec::new();
    // A connection that is kept open ends by the limit, which is no failure.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// A request line and headers, closed afterwards.
fn lines(city: &City, request: &str, headers: &[&str]) -> String {
    let mut text = format!("{request}\r\nConnection: close\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    raw(city, format!("{text}\r\n").as_bytes())
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

fn guarded(what: &str, answer: &Answer) {
    for (name, value) in [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "same-origin")] {
        assert_eq!(answer.header(name), value, "{what} lacks {name}: {answer}");
    }
    let policy = answer.header("content-security-policy");
    for directive in ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"] {
        assert!(policy.contains(directive), "{what}: {policy}");
    }
    assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'") && !policy.contains('*'), "{what}: {policy}");
    for name in ["server", "x-powered-by", "access-control-allow-origin"] {
        assert!(!answer.headers.contains_key(name), "{what} has {name}");
    }
    assert!(!answer.header("x-request-id").is_empty(), "{what} has no id");
}

#[test]
fn every_answer_carries_its_guards() {
    let city = city();
    for path in
        ["/", "/matters", "/index.html", "/docs", "/docs/style.css", "/openapi.json", "/healthz", "/readyz", "/metrics", "/api", "/api/v1/nothing"]
    {
        let answer = city.get_outside(path, |request| request);
        guarded(path, &answer);
        // A list that is cut off, a page that isn't there: what it is, is said.
        assert!(!answer.header("content-type").is_empty() || answer.bytes.is_empty(), "{path}");
    }
    let officer = city.person("df-market.liaison_officer");
    guarded("a list", &officer.get("/matters"));
    guarded("without signing in", &city.send("GET", "/me", |request| request));
    guarded("not there", &officer.get("/matters/not-an-id"));
    guarded("no such method", &officer.delete("/matters"));
    guarded("no JSON", &city.send("POST", "/auth/login", |request| request.header("content-type", "application/json").body("{")));
    guarded("too long", &city.send("POST", "/auth/login", |request| request.json(&json!({ "username": "x".repeat(1_100_000), "password": "x" }))));
    guarded(
        "another origin's question",
        &city.send("OPTIONS", "/matters", |request| {
            request
                .header("origin", "https://evil.example")
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization")
        }),
    );
    guarded("another origin's read", &officer.get_with("/matters", &[("origin", "https://evil.example")]));
}

/// What may lie in a cache, private ones only, and why. Everything else under the API is kept nowhere.
const KEPT: &[(&str, &str)] = &[
    ("/kinds", "a declaration, asked for again by its digest"),
    ("/kinds/{code}", "the same"),
    ("/units", "the city's units, asked for again by their digest"),
    ("/roles", "what roles allow, asked for again by its digest"),
    ("/code-lists", "the same for everybody"),
    ("/clock-rules", "law, the same for everybody"),
    ("/calendars", "the city's calendar, asked for again by its digest"),
    ("/matters/{id}/attachments/{attachment}", "large; asked for again by its digest, through the matter's visibility"),
];

#[test]
fn what_is_private_lies_in_no_cache() {
    let city = city();
    let (office, system, auditor) =
        (city.person("df-justice.coordinator"), city.person("df-justice.system_admin"), city.person("df-justice.audit_admin"));
    let matter = handed_out("不得留在任何缓存里的任务");
    let detail = office.matter(&matter);
    let file = office.upload(&format!("/matters/{matter}/attachments"), "说明.txt", "附件".into()).ok();
    let export = crate::exports::finished(&office, "kind=work_item&limit=1");
    let user = office.get("/me").ok()["id"].as_str().unwrap_or_default().to_owned();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let document = city.get_outside("/openapi.json", |request| request).ok();
    let mut kept = BTreeSet::new();
    let mut seen = 0;
    for (template, methods) in document["paths"].as_object().into_iter().flatten() {
        let Some(template) = template.strip_prefix("/api/v1").filter(|path| methods.get("get").is_some() && *path != "/stream") else { continue };
        let path = template
            .replace(
                "{id}",
                if template.starts_with("/exports") {
                    &export
                } else if template.starts_with("/users") {
                    &user
                } else {
                    &matter
                },
            )
            .replace("{attachment}", &text(&file["id"]))
            .replace("{clock}", &text(&detail["clocks"][0]["id"]))
            .replace("{code}", "work_item")
            .replace("{key}", "matter.new");
        let path = match template {
            "/search" => path + "?q=缓存",
            "/matters/namesakes" => path + "?title=缓存",
            _ => path,
        };
        // Whoever may have it; refusals are kept nowhere either.
        for person in [&office, &system, &auditor] {
            let answer = person.get(&path);
            let control = answer.header("cache-control");
            seen += usize::from(answer.status == 200);
            if control == "private, no-cache" && answer.status == 200 {
                assert!(!answer.header("etag").is_empty(), "{template}");
                kept.insert(template.to_owned());
            } else {
                assert_eq!(control, "no-store", "{answer}");
            }
        }
    }
    assert!(seen > 60, "most of it was had by somebody: {seen}");
    assert_eq!(kept, KEPT.iter().map(|(path, _)| (*path).to_owned()).collect(), "give the reason in KEPT");
    // Tokens above all.
    let signed_in = city.login("df-court.prosecutor_assistant", PASSWORD);
    assert_eq!(signed_in.header("cache-control"), "no-store", "{signed_in}");
    let signed_in = city.login("df-court.unit_head", PASSWORD);
    assert_eq!((signed_in.status, signed_in.header("cache-control")), (200, "no-store"));
    let stream = city.open("GET", "/stream", |request| request.bearer_auth(office.token()));
    assert_eq!(stream.headers().get("cache-control").and_then(|value| value.to_str().ok()), Some("no-store"));
}

#[test]
fn only_a_trusted_proxy_is_believed() {
    // The shared city has no proxy: a client can say what it likes.
    let plain = city().send("GET", "/me", |request| request.header("x-forwarded-proto", "https"));
    assert!(!plain.headers.contains_key("strict-transport-security"), "anybody can say https");
    let signed_in = |city: &City, headers: &[(&str, &str)]| {
        let answer = city.send("POST", "/auth/login", |request| {
            let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            request.json(&json!({ "username": "df-tobacco.unit_head", "password": PASSWORD }))
        });
        let token = answer.ok()["access_token"].as_str().unwrap_or_default().to_owned();
        let sessions = city.send("GET", "/me/sessions", |request| request.bearer_auth(token)).ok();
        let current = sessions.as_array().into_iter().flatten().find(|session| session["current"] == true).cloned().unwrap_or_default();
        (current["address"].as_str().unwrap_or_default().to_owned(), answer)
    };
    let forwarded = [("x-forwarded-for", "203.0.113.7"), ("x-real-ip", "203.0.113.7"), ("forwarded", "for=203.0.113.7")];
    assert_eq!(signed_in(city(), &forwarded).0, "127.0.0.1");

    let city = City::with_flags(&["--trust-proxy"]).expect("the city starts");
    for (headers, address) in [
        (vec![("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
        // Proxies add at the end: what stands before was sent by the client.
        (vec![("x-forwarded-for", "198.51.100.1, 127.0.0.1, 203.0.113.7")], "203.0.113.7"),
        (vec![("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
        (vec![("forwarded", "for=198.51.100.1"), ("x-forwarded-for", "203.0.113.7")], "203.0.113.7"),
        (vec![("x-forwarded-for", "203.0.113.7:4711")], "203.0.113.7"),
        (vec![("x-forwarded-for", "2001:db8::7")], "2001:db8::7"),
        (vec![("x-forwarded-for", "[2001:db8::7]:4711")], "2001:db8::7"),
        // What is no address is not kept as one.
        (vec![("x-forwarded-for", "<script>alert(1)</script>")], "127.0.0.1"),
        (vec![("x-forwarded-for", "")], "127.0.0.1"),
        (vec![("forwarded", "for=198.51.100.1")], "127.0.0.1"),
    ] {
        assert_eq!(signed_in(&city, &headers).0, address, "{headers:?}");
    }
    // Making up another address each time gives no more guesses.
    let guess = |n: usize| {
        city.send("POST", "/auth/login", |request| {
            let request =
                request.header("x-forwarded-for", format!("198.51.100.{n}, 203.0.113.7")).header("forwarded", format!("for=198.51.100.{n}"));
            request.json(&json!({ "username": "df-tobacco.handler", "password": format!("guess number {n}") }))
        })
    };
    let statuses: Vec<u16> = (1..8).map(|n| guess(n).status).collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");

    let (_, over_tls) = signed_in(&city, &[("x-forwarded-proto", "https")]);
    assert_eq!(over_tls.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
    assert!(over_tls.header("set-cookie").contains("Secure"), "{}", over_tls.header("set-cookie"));
    for path in ["/", "/healthz", "/docs", "/api/v1/me"] {
        let answer = city.get_outside(path, |request| request.header("x-forwarded-proto", "https"));
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000; includeSubDomains", "{path}");
        for scheme in ["http", "", "https, http"] {
            let answer = city.get_outside(path, |request| request.header("x-forwarded-proto", scheme));
            assert!(!answer.headers.contains_key("strict-transport-security"), "{path} over {scheme:?}");
        }
    }
}

#[test]
fn no_path_leads_out() {
    let city = city();
    let up = "../".repeat(12);
    let mut paths: Vec<String> = ["Cargo.toml", "etc/passwd", "proc/self/environ", "debug/liandong.d"]
        .iter()
        .flat_map(|file| {
            [
                format!("/{up}{file}"),
                format!("/x/{up}{file}"),
                format!("/{}{file}", "..%2f".repeat(12)),
                format!("/{}{file}", "%2e%2e/".repeat(12)),
                format!("/{}{file}", "%2e%2e%2f".repeat(12)),
                format!("/{}{file}", "%252e%252e%252f".repeat(12)),
                format!("/{}{file}", "..%5c".repeat(12)),
                format!("/{}{file}", "..\\".repeat(12)),
                format!("/{}{file}", "....//".repeat(12)),
                format!("/{}{file}", "..;/".repeat(12)),
                format!("/{}{file}", "%c0%ae%c0%ae/".repeat(12)),
                format!("//{file}"),
                format!("/%2f{file}"),
                format!("/docs/{up}{file}"),
                format!("/api/v1/{up}{file}"),
                format!("/{file}%00.js"),
                format!("file:///{file}"),
            ]
        })
        .collect();
    paths.extend(["/../debug/liandong.d", "/../../Cargo.toml", "/..%2f..%2fCargo.toml", "/%2e%2e/%2e%2e/Cargo.toml"].map(str::to_owned));
    for path in paths {
        let answer = lines(city, &format!("GET {path} HTTP/1.1"), &["Host: liandong"]);
        assert!(matches!(status(&answer), 200 | 400 | 404 | 405), "{path}: {answer}");
        for secret in ["root:", "[workspace]", "PATH=", "/backend/app/src/main.rs"] {
            assert!(!answer.contains(secret), "{path} gives a file of the machine: {answer}");
        }
    }
}

/// Open redirects, headers that come out of a path or a name, hosts that are made up.
#[test]
fn nothing_that_came_in_goes_out_as_a_header() {
    let city = city();
    let token = city.person("df-justice.coordinator").token();
    let bearer = format!("Authorization: Bearer {token}");
    for path in [
        "//evil.example",
        "//evil.example/..",
        "/\\evil.example",
        "///evil.example/%2f..",
        "/%0d%0aX-Injected:%20yes",
        "/%E5%98%8D%E5%98%8AX-Injected:%20yes",
        "/api/v1/matters/%0d%0aX-Injected:%20yes",
        "/api/v1/kinds/%0d%0aX-Injected:%20yes",
        "/api/v1/exports/%0aX-Injected:yes/file",
        "/api/v1/matters?cursor=%0d%0aX-Injected:%20yes",
        "/api/v1/me?next=https://evil.example",
        "/?next=//evil.example",
        "http://evil.example/",
        "http://evil.example/api/v1/me",
    ] {
        let answer = lines(city, &format!("GET {path} HTTP/1.1"), &["Host: evil.example", &bearer, "X-Forwarded-Host: evil.example"]);
        let head = answer.split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
        assert!(!(300..400).contains(&status(&answer)), "{path}: {head}");
        assert!(!head.contains("\nx-injected") && !head.contains("evil.example"), "{path}: {head}");
        assert!(!answer.contains("evil.example\""), "{path}: {answer}");
    }
    // Where something was made is said from the root, whatever name was asked by.
    let office = city.person("df-justice.coordinator");
    let new = json!({ "kind": "work_item", "body": body(&office, "主机名伪造时仍给出相对地址"), "domains": ["other"], "not_secret": true, "submit": false });
    for path in ["/matters", "/exports"] {
        let body = if path == "/matters" { new.clone() } else { json!({ "query": "kind=work_item&q=没有这样的事项" }) };
        let made = city.send("POST", path, |request| {
            request.bearer_auth(&token).header("host", "evil.example").header("x-forwarded-host", "evil.example").json(&body)
        });
        assert!(matches!(made.status, 201 | 202), "{made}");
        assert!(made.header("location").starts_with(&format!("/api/v1{path}/")), "{}", made.header("location"));
        assert!(!made.text().contains("evil.example"));
    }
    // A name given to a key, an id or an origin comes back in no header.
    let matter = handed_out("标头注入检查用的一项任务");
    let answer =
        office.get_with(&format!("/matters/{matter}"), &[("x-request-id", "chosen"), ("if-none-match", "\"x\""), ("origin", "https://evil.example")]);
    assert_ne!(answer.header("x-request-id"), "chosen");
    assert!(!format!("{:?}", answer.headers).contains("evil"), "{:?}", answer.headers);
    assert_eq!(id(&answer.ok()), matter);
}

/// Requests that two readers would divide differently: refused, and what is hidden in them is never a second request.
#[test]
fn a_request_has_one_meaning() {
    let city = city();
    let token = city.person("df-market.liaison_officer").token();
    let feedback = format!("POST /api/v1/feedback HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    let smuggled = "POST /api/v1/feedback HTTP/1.1\r\nHost: a\r\nX: ";
    for (what, request) in [
        ("two lengths", format!("{feedback}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{{}}{smuggled}")),
        ("a length and chunks", format!("{feedback}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}")),
        ("chunks in disguise", format!("{feedback}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{smuggled}")),
        ("chunks and not", format!("{feedback}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{smuggled}")),
        ("a signed length", format!("{feedback}Content-Length: +2\r\n\r\n{{}}{smuggled}")),
        ("a length of elsewhere", format!("{feedback}Content-Length: 0x2\r\n\r\n{{}}{smuggled}")),
        ("a space before the colon", format!("{feedback}Content-Length : 2\r\n\r\n{{}}{smuggled}")),
        ("a folded line", format!("{feedback}X: a\r\n b\r\nContent-Length: 2\r\n\r\n{{}}")),
        ("a chunk without a size", format!("{feedback}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{{}}\r\n0\r\n\r\n")),
        ("a chunk beyond numbers", format!("{feedback}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{{}}\r\n")),
        ("no version", format!("GET /api/v1/me\r\nAuthorization: Bearer {token}\r\n\r\n")),
        ("a version of elsewhere", format!("GET /api/v1/me HTTP/9.9\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n")),
        ("a zero byte", "GET /api/v1/me\0 HTTP/1.1\r\nHost: a\r\n\r\n".to_owned()),
        ("ten thousand headers", format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(10_000))),
        ("a header without an end", format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "y".repeat(200_000))),
        ("a path without an end", format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "y".repeat(200_000))),
    ] {
        let answer = raw(city, request.as_bytes());
        let answers = answer.matches("HTTP/1.1 ").count();
        assert!(answers <= 1, "{what} was taken for two requests: {answer}");
        assert!(answers == 0 || (400..500).contains(&status(&answer)), "{what}: {answer}");
    }
    // What would change the method by a side door changes nothing.
    let view = city.person("df-market.liaison_officer").post("/saved-views", &json!({ "name": "仍在", "query": "" })).ok();
    let path = format!("/saved-views/{}", view["id"].as_str().unwrap_or_default());
    for name in ["x-http-method-override", "x-http-method", "x-method-override"] {
        city.send("GET", &path, |request| request.bearer_auth(&token).header(name, "DELETE"));
        city.send("POST", &format!("{path}?_method=DELETE"), |request| request.bearer_auth(&token).header(name, "DELETE").json(&json!({})));
    }
    assert!(city.person("df-market.liaison_officer").get("/saved-views").text().contains("仍在"));
    for method in ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG"] {
        let answer = lines(city, &format!("{method} /api/v1/me HTTP/1.1"), &["Host: a", &format!("Authorization: Bearer {token}"), "X-Echo: echoed"]);
        assert!(!answer.contains("echoed") && !answer.contains(&token) && (400..500).contains(&status(&answer)), "{method}: {answer}");
    }
    assert_eq!(city.get_outside("/healthz", |request| request).status, 200);
}

/// A browser adds the cookie by itself: it opens nothing but a new pair of tokens.
#[test]
fn a_cookie_alone_changes_nothing() {
    let city = city();
    let cookie = city.login("df-court.unit_head", PASSWORD).header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let document = city.get_outside("/openapi.json", |request| request).ok();
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        let Some(path) = path.strip_prefix("/api/v1") else { continue };
        for method in methods.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase()) {
            if matches!(path, "/auth/login" | "/auth/refresh") {
                continue;
            }
            let path = path.replace("{id}", "01990000-0000-7000-8000-000000000000").replace("{row}", "1").replace(['{', '}'], "");
            // As a form of another site's page would send it.
            let status = city.status(&method, &path, |request| {
                request.header("cookie", &cookie).header("content-type", "application/x-www-form-urlencoded").body("text=x")
            });
            assert_eq!(status, 401, "{method} {path}");
            tried += 1;
        }
    }
    assert!(tried > 60);
}
