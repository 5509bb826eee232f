//! What must not be learned from how long an answer takes, from its words, from the log or from an error: who has an account, and
//! everything that opens one.

use crate::setup::founded;
use serde_json::{Value, json};
use std::{fs, time::Duration};
use tests::{City, PASSWORD, one_time_code, one_time_code_in};

/// The hash of a password takes its time whether there is one or not.
#[test]
fn an_unknown_name_takes_as_long_as_a_wrong_password() {
    let city = City::start().expect("the city starts");
    let people = city.person("df-justice.system_admin").all("/users?limit=200");
    let names: Vec<&str> = people.iter().filter_map(|user| user["username"].as_str()).filter(|name| name.ends_with(".handler")).take(21).collect();
    assert_eq!(names.len(), 21);
    // By the server's own processor, since what else the machine does takes as much time as it likes. It counts in hundredths of a second,
    // so many at once; each name once, so that none has to wait.
    let spent = |usernames: &[String]| {
        let begun = processor_time(&city.server_pid());
        for username in usernames {
            city.login(username, "not the password").problem(401, "auth.credentials_invalid");
        }
        processor_time(&city.server_pid()) - begun
    };
    let known = spent(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let unknown = spent(&names.iter().map(|name| format!("{name}s")).collect::<Vec<_>>());
    let factor = known.max(unknown).as_secs_f64() / known.min(unknown).as_secs_f64();
    assert!(factor < 1.5, "a wrong password takes {known:?}, an unknown name {unknown:?}");
}

/// What a process has had of the processor.
fn processor_time(pid: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("the server runs");
    // Counted from the state, which follows the name in brackets: proc(5) has user and system time eleven and twelve places after it.
    let after: Vec<&str> = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
    Duration::from_millis([after[11], after[12]].iter().map(|ticks| ticks.parse::<u64>().expect("a number")).sum::<u64>() * 10)
}

/// Whoever guesses hears the same of a name that is there, one that left and one that never was, to the end.
#[test]
fn guessing_tells_no_name_from_none() {
    let city = City::start().expect("the city starts");
    let left = city.person("df-justice.system_admin").all("/users?unit=df-tobacco&q=df-tobacco.handler")[0]["id"].clone();
    let path = format!("/users/{}", left.as_str().unwrap_or_default());
    city.person("df-justice.system_admin").patch(&path, None, &json!({ "active": false })).ok();
    let guesses = |username: &str, password: &str| -> Vec<Value> {
        let guess = |_| {
            let answer = city.login(username, password);
            let mut said = answer.json();
            said["request_id"] = Value::Null;
            said["headers"] = json!(answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>());
            said
        };
        (0..7).map(guess).collect()
    };
    let there = guesses("df-market.handler", "not the password");
    assert_eq!(there[6]["code"], "auth.locked_out", "{there:#?}");
    assert_eq!(there, guesses("df-market.nobody", "not the password"));
    assert_eq!(there, guesses("df-tobacco.handler", PASSWORD), "who left hears nothing else with the right password");
    for odd in ["' OR '1'='1", "df-market.handler' --", "df-market.handl_r", "df-market.%"] {
        assert_eq!(there, guesses(odd, "not the password"), "{odd}");
    }
}

#[test]
fn neither_log_nor_error_tells_a_secret() {
    let environment = [
        ("LIANDONG_LOG", "trace"),
        ("LIANDONG_METRICS_TOKEN", "a-token-for-figures"),
        ("LIANDONG_SMTP_URL", "smtp://post:letter-secret@127.0.0.1:9"),
    ];
    let city = City::empty_with(&["--mail-from", "a@example.gov.cn", "--base-url", "http://127.0.0.1"], &environment).expect("the server starts");
    founded(&city);
    let mut secrets: Vec<(&str, String)> = vec![
        ("a password", PASSWORD.into()),
        ("the token for figures", "a-token-for-figures".into()),
        ("the mail server's password", "letter-secret".into()),
    ];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let system = city.person("sys");
    let made = system.post("/users", &json!({ "username": "df-justice.zhou", "name": "周某", "phone": "13800138000", "unit": "df-justice" })).ok();
    let issued = text(&made["issued_password"]);
    secrets.push(("a first password", issued.clone()));
    city.settle_in("df-justice.zhou", &issued);
    let id = text(&made["user"]["id"]);
    city.person("sec").patch(&format!("/users/{id}"), None, &json!({ "roles": ["coordinator"] })).ok();

    let mistyped = "Liandong-demo-2027";
    city.login("df-justice.zhou", mistyped).problem(401, "auth.credentials_invalid");
    secrets.push(("a mistyped password", mistyped.into()));
    let signed_in = city.login("df-justice.zhou", PASSWORD);
    let token = text(&signed_in.ok()["access_token"]);
    secrets.push(("the signature of a token", token.rsplit('.').next().unwrap_or_default().to_owned()));
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    secrets.push(("a refresh token", cookie.rsplit('=').next().unwrap_or_default().to_owned()));
    let renewed = city.send("POST", "/auth/refresh", |request| request.header("cookie", &cookie));
    assert_eq!(renewed.status, 200);
    let next = renewed.header("set-cookie").split(';').next().unwrap_or_default().rsplit('=').next().unwrap_or_default().to_owned();
    secrets.push(("the next refresh token", next));
    let started = city.send("POST", "/me/totp", |request| request.bearer_auth(&token).json(&json!({ "password": PASSWORD }))).ok();
    let key = text(&started["secret"]);
    secrets.push(("the key of one-time codes", key.clone()));
    let code = one_time_code(&key);
    let confirmed = city.send("POST", "/me/totp/confirm", |request| request.bearer_auth(&token).json(&json!({ "otp": code })));
    assert_eq!(confirmed.status, 204, "{confirmed}");
    let code = one_time_code_in(&key, 1);
    let body = json!({ "username": "df-justice.zhou", "password": PASSWORD, "otp": code });
    assert_eq!(city.send("POST", "/auth/login", |request| request.json(&body)).status, 200);
    city.send("GET", "/me", |request| request.bearer_auth(format!("{token}x"))).problem(401, "auth.token_invalid");
    city.get_outside("/metrics", |request| request.bearer_auth("a-token-for-figures"));

    // Of people: an identity number and a telephone number, in texts that are taken and in some that are not.
    let (identity, phone) = ("410185199001011234", "13900139000");
    secrets.extend([("an identity number", identity.to_owned()), ("a telephone number", phone.to_owned()), ("another", "13800138000".to_owned())]);
    let said = json!({ "text": format!("{identity} {phone}") });
    city.send("POST", "/feedback", |request| request.bearer_auth(&token).json(&said)).ok();
    city.send("GET", &format!("/search?q={identity}"), |request| request.bearer_auth(&token)).ok();
    city.send("GET", &format!("/users?q={phone}"), |request| request.bearer_auth(&token)).ok();
    city.send("GET", &format!("/matters?kind={identity}"), |request| request.bearer_auth(&token));
    city.send("POST", "/matters", |request| {
        request.bearer_auth(&token).json(&json!({ "kind": "work_item", "title": identity, "body": { "content": phone, "x": identity } }))
    });
    city.send("POST", "/feedback", |request| {
        request.bearer_auth(&token).header("content-type", "application/json").body(format!(r#"{{"text": "{identity}", "{phone}": 1}}"#))
    });

    // A fault of the server itself: told without its cause, and logged without what was asked.
    city.sql("ALTER TABLE saved_view RENAME TO saved_view_gone").expect("the operator may do so");
    let fault = city.send("POST", "/saved-views", |request| request.bearer_auth(&token).json(&json!({ "name": phone, "query": "" })));
    let problem = fault.problem(500, "internal");
    let members: Vec<&str> = problem.as_object().into_iter().flatten().map(|(member, _)| member.as_str()).collect();
    assert_eq!(members, ["code", "request_id", "status", "title", "type"], "{problem}");
    let told = fault.text().to_lowercase();
    for word in ["saved_view", "table", "select", "insert", "sqlite", "postgres", "sqlx", ".rs", "/tmp", "panick"] {
        assert!(!told.contains(word), "{word}: {told}");
    }
    city.sql("ALTER TABLE saved_view_gone RENAME TO saved_view").expect("the operator may do so");

    let log = city.log();
    assert!(log.contains(&text(&problem["request_id"])), "the cause is logged under the request's id");
    assert!(log.contains("/api/v1/auth/login"), "requests are logged");
    for (what, secret) in secrets {
        assert!(secret.len() > 5, "{what}");
        let line = log.lines().find(|line| line.contains(&secret));
        assert!(line.is_none(), "the log holds {what}: {}", line.unwrap_or_default());
    }
}
