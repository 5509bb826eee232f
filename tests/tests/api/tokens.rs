//! Tokens that were never issued, in all the ways in which libraries were once taken in (RFC 8725), and true ones of sessions that are
//! over. Forged with the installation's own key, so that each fails for the one thing that is wrong with it.

use crate::staff::{change, hired};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{
    Signer, SigningKey,
    pkcs8::{DecodePrivateKey, EncodePublicKey, spki::der::pem::LineEnding},
};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use std::{net::TcpListener, sync::OnceLock};
use tests::{Answer, PASSWORD, city};

fn key() -> SigningKey {
    let pem = std::fs::read_to_string(city().data_dir.join("signing-key.pem")).expect("the server's key");
    SigningKey::from_pkcs8_pem(&pem).expect("a key")
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base 64")).expect("JSON")
}

fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", encoded(header), encoded(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes());
    format!("{text}.{signature}")
}

fn eddsa() -> Value {
    json!({ "typ": "JWT", "alg": "EdDSA" })
}

/// A token as the server issued it: of a session that is open.
fn issued() -> &'static str {
    static TOKEN: OnceLock<String> = OnceLock::new();
    TOKEN.get_or_init(|| city().login("df-court.unit_head", PASSWORD).ok()["access_token"].as_str().unwrap_or_default().to_owned())
}

fn claims() -> Value {
    decoded(issued().split('.').nth(1).unwrap_or_default())
}

fn with(member: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[member] = value;
    claims
}

fn without(member: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().expect("claims").remove(member);
    claims
}

fn me(token: &str) -> Answer {
    city().send("GET", "/me", |request| request.header("authorization", format!("Bearer {token}")))
}

#[track_caller]
fn opens_nothing(what: &str, token: &str) {
    let answer = me(token);
    assert!(answer.status == 401 && answer.json()["code"] == "auth.token_invalid", "{what}: {answer}");
}

#[test]
fn a_signature_by_another_algorithm_or_key_is_none() {
    assert_eq!(me(&signed(&key(), &eddsa(), &claims())).status, 200, "the forger's hand is good");
    let parts: Vec<&str> = issued().split('.').collect();
    for algorithm in ["none", "None", "NONE", "nOnE", "", "eddsa", "Ed448", "ES256K", "HS1"] {
        let header = encoded(&json!({ "typ": "JWT", "alg": algorithm }));
        for signature in ["", parts[2], "AA"] {
            opens_nothing(algorithm, &format!("{header}.{}.{signature}", parts[1]));
        }
    }
    for header in [json!({ "typ": "JWT" }), json!({ "alg": ["EdDSA", "none"] }), json!({ "alg": null }), json!([]), json!("EdDSA")] {
        opens_nothing("a header without an algorithm", &signed(&key(), &header, &claims()));
    }
    // The public key, which is no secret (it stands in every export of seals), as the secret of an HMAC.
    let public = key().verifying_key();
    let pem = public.to_public_key_pem(LineEnding::LF).expect("a key");
    let der = public.to_public_key_der().expect("a key");
    let spelt =
        [public.as_bytes().to_vec(), hex::encode(public.as_bytes()).into(), pem.clone().into(), pem.trim().into(), der.as_bytes().to_vec(), vec![]];
    for (algorithm, name) in [(Algorithm::HS256, "HS256"), (Algorithm::HS384, "HS384"), (Algorithm::HS512, "HS512")] {
        for secret in &spelt {
            let text = format!("{}.{}", encoded(&json!({ "typ": "JWT", "alg": name })), encoded(&claims()));
            let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &EncodingKey::from_secret(secret), algorithm).expect("an HMAC");
            opens_nothing(name, &format!("{text}.{signature}"));
            // The same under the right name.
            let text = format!("{}.{}", encoded(&eddsa()), encoded(&claims()));
            opens_nothing("an HMAC called EdDSA", &format!("{text}.{signature}"));
        }
    }
    for name in ["RS256", "PS512", "ES256", "ES384"] {
        opens_nothing(name, &signed(&key(), &json!({ "alg": name }), &claims()));
    }
    // A signature of nothing: the neutral element under a key of small order (RFC 8032 §5.1.7 leaves it to the verifier).
    let mut nothing = [0u8; 64];
    nothing[0] = 1;
    opens_nothing("a signature of small order", &format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode(nothing)));
}

#[test]
fn a_token_can_not_bring_its_own_key() {
    let own = SigningKey::from_bytes(&[7; 32]);
    let x = URL_SAFE_NO_PAD.encode(own.verifying_key().as_bytes());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "1" });
    // Nobody comes to fetch a key from here.
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.set_nonblocking(true).expect("a listener that doesn't wait");
    let there = format!("http://{}/keys.json", listener.local_addr().expect("an address"));
    let path = city().data_dir.join("signing-key.pem").to_string_lossy().into_owned();
    for (member, value) in [
        ("kid", json!("1")),
        ("kid", json!(path)),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("x' UNION SELECT 'a")),
        ("kid", json!("|sleep 5")),
        ("jwk", jwk.clone()),
        ("jku", json!(there)),
        ("x5u", json!(there)),
        ("x5c", json!([x])),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
    ] {
        let mut header = eddsa();
        header[member] = value;
        opens_nothing(member, &signed(&own, &header, &claims()));
    }
    opens_nothing("another key", &signed(&own, &eddsa(), &claims()));
    assert!(listener.accept().is_err(), "the server asked for a key elsewhere");
}

#[test]
fn claims_are_all_looked_at() {
    let now = claims()["iat"].as_i64().expect("a time");
    let stranger = city().person("df-market.handler").get("/me").ok()["id"].clone();
    for (what, claims) in [
        ("ended", with("exp", json!(now - 10))),
        ("ended long ago", with("exp", json!(0))),
        ("before all time", with("exp", json!(-1))),
        ("without an end", without("exp")),
        ("an end in words", with("exp", json!("9999999999"))),
        ("an end beyond numbers", with("exp", json!(1e300))),
        ("not yet", with("nbf", json!(now + 3600))),
        ("without a begin", without("nbf")),
        ("for another", with("aud", json!("another-api"))),
        ("for nobody", without("aud")),
        ("for an empty list", with("aud", json!([]))),
        ("by another", with("iss", json!("liandong2"))),
        ("by nobody", without("iss")),
        ("of nobody", without("sub")),
        ("of nobody known", with("sub", json!("01990000-0000-7000-8000-000000000000"))),
        ("of an administrator, in another's session", with("sub", stranger)),
        ("of no session", without("sid")),
        ("of a session that never was", with("sid", json!("01990000-0000-7000-8000-000000000000"))),
        ("no id", with("sub", json!("1 OR 1=1"))),
        ("of several", with("sub", json!([claims()["sub"]]))),
        ("nothing", json!({})),
        ("a list", json!([])),
    ] {
        opens_nothing(what, &signed(&key(), &eddsa(), &claims));
    }
}

#[test]
fn a_token_touched_anywhere_is_none() {
    let parts: Vec<&str> = issued().split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("a token has three parts") };
    let other = encoded(&with("sub", json!("01990000-0000-7000-8000-000000000000")));
    for token in [
        format!("{header}.{other}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}."),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}.{payload}.{signature}A"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}.{payload}.{}", signature.to_lowercase()),
        format!("{payload}.{header}.{signature}"),
        format!("{header}..{signature}"),
        "..".to_owned(),
        "A".repeat(7000),
        format!("{issued}, {issued}", issued = issued()),
        format!("Bearer {}", issued()),
    ] {
        opens_nothing("a token in disorder", &token);
    }
    // A bit of each byte of the signature.
    let bytes = URL_SAFE_NO_PAD.decode(signature).expect("base 64");
    for at in (0..bytes.len()).step_by(7) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        opens_nothing("a flipped bit", &format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode(&flipped)));
    }
    // It counts in its own header only.
    let token = issued();
    city().get_outside(&format!("/api/v1/me?access_token={token}&token={token}"), |request| request).problem(401, "auth.required");
    for cookie in [format!("access_token={token}"), format!("liandong_refresh={token}"), format!("Authorization=Bearer {token}")] {
        city().send("GET", "/me", |request| request.header("cookie", cookie)).problem(401, "auth.required");
    }
    city().send("GET", "/me", |request| request.basic_auth(token, Some(""))).problem(401, "auth.token_invalid");
    assert_eq!(me(token).status, 200);
}

#[test]
fn the_two_tokens_do_not_stand_for_each_other() {
    let answer = city().login("df-court.liaison_officer", PASSWORD);
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    let refresh = cookie.split_once('=').map(|(_, value)| value.to_owned()).expect("a cookie");
    opens_nothing("a refresh token", &refresh);
    let access = answer.ok()["access_token"].as_str().unwrap_or_default().to_owned();
    for value in [access.as_str(), "", "x", "%00", &refresh.to_uppercase(), &format!("{refresh}0"), &"0".repeat(64)] {
        let answer = city().send("POST", "/auth/refresh", |request| request.header("cookie", format!("liandong_refresh={value}")));
        assert_eq!(answer.status, 401, "{value}: {answer}");
    }
    let unsent = city().send("POST", "/auth/refresh", |request| request.bearer_auth(&access).json(&json!({ "refresh": refresh })));
    unsent.problem(401, "auth.required");
    assert!(city().send("POST", "/auth/refresh", |request| request.header("cookie", &cookie)).status == 200);
}

/// What a page of elsewhere makes a browser send, with the cookie that the browser would add were it not for `SameSite`.
#[test]
fn a_page_of_elsewhere_refreshes_nothing() {
    let answer = city().login("df-court.handler", PASSWORD);
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    for guard in ["Path=/api/v1/auth", "HttpOnly", "SameSite=Strict"] {
        assert!(answer.header("set-cookie").contains(guard), "{}", answer.header("set-cookie"));
    }
    let own = city().base.clone();
    let port = own.rsplit(':').next().unwrap_or_default();
    let refresh = |headers: &[(&str, &str)]| {
        city().send("POST", "/auth/refresh", |request| {
            headers.iter().fold(request.header("cookie", &cookie), |request, (name, value)| request.header(*name, *value))
        })
    };
    let lookalike = format!("{own}.evil.example");
    let neighbour = format!("http://127.0.0.2:{port}");
    for origin in ["https://evil.example", "null", "", "file://", &lookalike, &neighbour, "http://127.0.0.1", "http://127.0.0.1:1"] {
        refresh(&[("origin", origin)]).problem(403, "permission.denied");
    }
    for site in ["cross-site", "same-site", "", "SAME-ORIGIN"] {
        refresh(&[("origin", &own), ("sec-fetch-site", site)]).problem(403, "permission.denied");
    }
    // Whose host is spoofed by a header that only a trusted proxy may send.
    refresh(&[("origin", "https://evil.example"), ("x-forwarded-host", "evil.example")]).problem(403, "permission.denied");
    // The cookie was not used up by any of them.
    refresh(&[("origin", &own), ("sec-fetch-site", "same-origin")]).ok();
}

#[test]
fn who_is_put_out_is_out_with_all_tokens() {
    let username = "df-petition.put-out";
    let id = hired(username, "df-petition", "handler");
    let answer = city().login(username, PASSWORD);
    let token = answer.ok()["access_token"].as_str().unwrap_or_default().to_owned();
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    assert_eq!(me(&token).status, 200);
    change(&id, json!({ "active": false }));
    opens_nothing("somebody who has left", &token);
    assert_eq!(city().send("POST", "/auth/refresh", |request| request.header("cookie", &cookie)).status, 401);
    city().login(username, PASSWORD).problem(401, "auth.credentials_invalid");
    // Coming back opens no old session.
    change(&id, json!({ "active": true }));
    opens_nothing("an old token", &token);
    assert_eq!(city().send("POST", "/auth/refresh", |request| request.header("cookie", &cookie)).status, 401);
}
