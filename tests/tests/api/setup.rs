//! A city's first days without the demonstration: jurisdiction, administrators, units and people from the lists it has, sign-in.

use crate::sheets;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path};
use tests::{City, PASSWORD};

fn sample() -> Vec<u8> {
    fs::read(sample_path()).expect("the sample is part of the repository")
}

fn sample_path() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/samples/units_contacts.xlsx").to_string_lossy().into_owned()
}

/// Runs the command line, which must succeed; gives what it printed.
#[track_caller]
pub fn run(city: &City, arguments: &[&str]) -> String {
    let output = city.command_line(arguments).expect("the program starts");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}

#[track_caller]
fn fails(city: &City, arguments: &[&str]) -> String {
    let output = city.command_line(arguments).expect("the program starts");
    assert!(!output.status.success(), "{arguments:?} should fail");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// An empty installation with 登封市, its justice bureau and the three administrators, who have signed in.
#[track_caller]
pub fn founded(city: &City) {
    run(city, &["admin", "create-jurisdiction", "--code", "df", "--name", "登封市", "--name-en", "Dengfeng"]);
    let list = city.file("justice.xlsx");
    fs::write(&list, sheets::table(&[&["单位名称"], &["登封市司法局"]])).expect("a file can be written");
    run(city, &["import", "units", &list.to_string_lossy(), "--jurisdiction", "df"]);
    for (username, name, role) in [("sys", "系统员", "system_admin"), ("sec", "安全员", "security_admin"), ("aud", "审计员", "audit_admin")]
    {
        let arguments =
            ["admin", "create-user", "--jurisdiction", "df", "--unit", "df-justice", "--username", username, "--name", name, "--roles", role];
        let printed = run(city, &arguments);
        let password = printed.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        city.settle_in(username, &password);
    }
}

/// The units by code; what the command line writes reaches a running server within seconds.
#[track_caller]
fn units_once(city: &City, username: &str, count: usize) -> BTreeMap<String, Value> {
    for _ in 0..50 {
        let units = city.person(username).get("/units").ok();
        let by_code: BTreeMap<String, Value> =
            units.as_array().into_iter().flatten().map(|unit| (unit["code"].as_str().unwrap_or_default().to_owned(), unit.clone())).collect();
        if by_code.len() == count {
            return by_code;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    panic!("the server does not see {count} units");
}

fn rows_of(preview: &Value, number: i64) -> Vec<&Value> {
    preview["rows"].as_array().into_iter().flatten().filter(|row| row["row"] == number).collect()
}

#[track_caller]
fn has(row: &Value, verdict: &str, code: &str) {
    let coded = code.is_empty() || row["problems"].as_array().is_some_and(|problems| problems.iter().any(|problem| problem["code"] == code));
    assert!(row["verdict"] == verdict && coded, "expected {verdict} {code}: {row:#}");
}

#[test]
fn a_city_whose_units_are_wrong_is_not_made() {
    let city = City::empty().expect("an empty city starts");
    let file = city.file("units.json");
    let list = |kind: &str| {
        let unit =
            |code: &str, kind: &str| json!({ "code": code, "name": format!("登封市{code}"), "short_name": code, "name_en": code, "kind": kind });
        json!([unit("df-justice", "bureau"), unit("df-market", kind)]).to_string()
    };
    let path = file.to_string_lossy().into_owned();
    let command = ["admin", "create-jurisdiction", "--code", "df", "--name", "登封市", "--name-en", "Dengfeng", "--units", &path];
    std::fs::write(&file, list("no_such_kind")).expect("a file can be written");
    assert!(fails(&city, &command).contains("df-market"));
    assert_eq!(city.sql("SELECT (SELECT count(*) FROM jurisdiction) + (SELECT count(*) FROM unit)").as_deref(), Ok("0"));
    std::fs::write(&file, list("bureau")).expect("a file can be written");
    run(&city, &command);
    assert_eq!(city.sql("SELECT count(*) FROM unit").as_deref(), Ok("2"));
}

#[test]
fn a_city_is_set_up_from_the_lists_it_has() {
    let city = City::empty().expect("an empty city starts");
    assert!(fails(&city, &["import", "units", &sample_path()]).contains("create-jurisdiction"));
    founded(&city);
    let sys = city.person("sys");

    // Units: dry, then written, then nothing new.
    let dry = run(&city, &["import", "units", &sample_path(), "--jurisdiction", "df", "--dry-run"]);
    assert!(dry.contains("Nothing was written"), "{dry}");
    assert_eq!(sys.get("/units").ok().as_array().map(Vec::len), Some(1));
    let printed = run(&city, &["import", "units", &sample_path(), "--jurisdiction", "df"]);
    assert!(printed.contains("35 created, 1 already there, 3 refused"), "{printed}");
    assert!(printed.contains("与第10行是同一单位"), "{printed}");
    let again = run(&city, &["import", "units", &sample_path(), "--jurisdiction", "df"]);
    assert!(again.contains("0 created"), "{again}");
    let units = units_once(&city, "sys", 36);
    assert_eq!(units["df-market"]["name"], "登封市市场监督管理局");
    assert_eq!(units["df-ecology"]["kind"], "vertical_agency");
    assert_eq!(units["df-justice"]["linkage_office"], true);
    assert_eq!(units["df-township-1"]["short_name"], "告成镇");
    assert_eq!(units["df-subdistrict-1"]["short_name"], "嵩阳街道");
    assert_eq!(units["df-market"]["conference_member"], true, "the title says 成员单位");

    // People by the API, as the page does it.
    let preview = sys.upload("/setup/imports?dataset=people", "通讯录.xlsx", sample()).ok();
    assert_eq!(preview["kind"], "people");
    let first = rows_of(&preview, 4);
    assert_eq!(first.len(), 2, "the head and the liaison officer: {first:?}");
    assert_eq!(first[1]["values"]["username"], "df-gov-office.liaison_officer");
    assert_eq!(first[1]["values"]["phone"], "16900006394");
    assert_eq!(rows_of(&preview, 7)[1]["values"]["phone"], "16900006766", "full-width digits");
    for number in [15, 27, 38] {
        has(rows_of(&preview, number)[1], "refused", "validation.required");
    }
    has(rows_of(&preview, 18)[1], "accepted", "validation.format");
    assert_eq!(rows_of(&preview, 18)[1]["values"]["phone"], Value::Null);
    has(rows_of(&preview, 42)[0], "refused", "import.second_head");
    has(rows_of(&preview, 43)[0], "refused", "validation.unknown_unit");
    let commissioner = rows_of(&preview, 44);
    assert_eq!(commissioner[1]["values"]["roles"], json!(["commissioner"]));
    let id = preview["id"].as_str().expect("an import has an id").to_owned();
    assert!(sys.get("/users?limit=200").ok()["items"].as_array().is_some_and(|users| users.len() == 3), "a preview writes nothing");

    let outcome = sys.post_with_key(&format!("/setup/imports/{id}/commit"), &json!({}), "setup-people-once").ok();
    assert_eq!(outcome["created"], preview["counts"]["accepted"]);
    let people = outcome["people"].as_array().expect("people with first passwords").clone();
    assert!(people.len() > 65, "{}", people.len());
    let again = sys.post_with_key(&format!("/setup/imports/{id}/commit"), &json!({}), "setup-people-once");
    again.problem(409, "idempotency.answer_lost");
    sys.post(&format!("/setup/imports/{id}/commit"), &json!({})).problem(409, "import.already_committed");
    assert!(!again.text().contains("issued_password"), "passwords are shown once");
    let second = sys.upload("/setup/imports?dataset=people", "通讯录.xlsx", sample()).ok();
    assert_eq!(second["counts"]["accepted"], 0, "{:#}", second["counts"]);
    assert_eq!(second["counts"]["present"], preview["counts"]["accepted"]);

    // A person of the list signs in and works.
    let officer = people.iter().find(|person| person["username"] == "df-water.liaison_officer").expect("the water bureau's officer");
    let issued = officer["issued_password"].as_str().unwrap_or_default();
    assert_eq!(city.login("df-water.liaison_officer", issued).ok()["user"]["must_change_password"], true);
    city.settle_in("df-water.liaison_officer", issued);
    let me = city.person("df-water.liaison_officer").get("/me").ok();
    assert_eq!((&me["unit"]["code"], &me["must_set_up_totp"]), (&json!("df-water"), &json!(false)));
    // The list's roles were proposed: who made the accounts gives none.
    assert_eq!(me["roles"], json!([]));
    city.person("df-water.liaison_officer").get("/matters").problem(403, "permission.denied");
    let user = city.person("sec").get("/users?q=df-water.liaison_officer").ok()["items"][0].clone();
    assert_eq!(user["proposed_roles"], json!(["liaison_officer"]));
    let given = json!({ "roles": user["proposed_roles"] });
    let given = city.person("sec").patch(&format!("/users/{}", user["id"].as_str().unwrap_or_default()), None, &given).ok();
    assert_eq!((&given["user"]["roles"], &given["user"]["proposed_roles"]), (&json!(["liaison_officer"]), &Value::Null));
    city.forget_token("df-water.liaison_officer");
    city.person("df-water.liaison_officer").get("/matters").ok();
    city.person("df-water.liaison_officer").upload("/setup/imports?dataset=people", "a.xlsx", sample()).problem(403, "permission.denied");

    // Everything left its event.
    let events = city.person("aud").all("/audit?action=user_created&limit=200");
    assert_eq!(events.len(), 3 + people.len());
    assert_eq!(city.person("aud").all("/audit?action=unit_created&limit=200").len(), 36);
    let verified = run(&city, &["verify"]);
    assert!(verified.contains("events verified"), "{verified}");
}

#[test]
fn a_list_of_people_says_what_it_cannot_take() {
    let city = City::empty().expect("an empty city starts");
    founded(&city);
    let list = city.file("people.xlsx");
    let rows: &[&[&str]] = &[
        &["单位", "姓名", "职务", "手机", "用户名", "角色"],
        &["市司法局", "王　明", "科长", "16900001111", "wangming", "协调员、联络员"],
        &["市司法局", "李四", "科员", "", "", "系统管理员"],
        &["市司法局", "赵六", "科员", "16900002222", "", "大管家"],
        &["市水利局", "钱七", "科员", "16900003333", "", "承办人"],
        &["司法局", "孙八", "科员", "16900004444", "wangming", ""],
        &["司法局", "周九", "科员", "16900005555", "", "检察官"],
        &["司法局", "吴十", "科员", "16900006666", "", ""],
    ];
    fs::write(&list, sheets::table(rows)).expect("a file can be written");
    let passwords = city.file("passwords.txt");
    let (list, kept) = (list.to_string_lossy().into_owned(), passwords.to_string_lossy().into_owned());
    let printed = run(&city, &["import", "people", &list, "--passwords", &kept]);
    assert!(printed.contains("2 created, 0 already there, 5 refused"), "{printed}");
    for word in ["三员不能通过导入授予", "没有“大管家”这个角色", "没有“市水利局”这个单位", "用户名在本表中重复", "role.conflict"]
    {
        assert!(printed.contains(word), "{word} is missing: {printed}");
    }
    let lines = fs::read_to_string(&passwords).expect("the passwords file");
    let mut names: Vec<&str> = lines.lines().filter_map(|line| line.split('\t').next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["df-justice.handler", "wangming"]);
    assert!(!printed.contains(lines.trim().rsplit('\t').next().unwrap_or("?")), "passwords go to the file only");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&passwords).expect("the passwords file").permissions().mode() & 0o777, 0o600);
    }
    assert!(fails(&city, &["import", "people", &list, "--passwords", &kept]).contains("must not exist yet"));
    assert!(run(&city, &["import", "people", &list]).contains("0 created, 2 already there, 5 refused"));
    assert!(fails(&city, &["import", "animals", &list]).contains("animals"));
    let user = city.person("sys").get("/users?q=王明").ok()["items"][0].clone();
    assert_eq!(user["roles"], json!(["coordinator", "liaison_officer"]));
    assert!(city.login("wangming", PASSWORD).status == 401);
}

#[test]
fn an_administrator_does_nothing_before_one_time_codes() {
    let city = City::empty().expect("an empty city starts");
    run(&city, &["admin", "create-jurisdiction", "--code", "df", "--name", "登封市", "--name-en", "Dengfeng"]);
    let list = city.file("justice.xlsx");
    fs::write(&list, sheets::table(&[&["单位名称"], &["登封市司法局"]])).expect("a file can be written");
    run(&city, &["import", "units", &list.to_string_lossy()]);
    let arguments =
        ["admin", "create-user", "--jurisdiction", "df", "--unit", "df-justice", "--username", "sys", "--name", "系统员", "--roles", "system_admin"];
    let printed = run(&city, &arguments);
    let issued = printed.trim().rsplit(' ').next().unwrap_or_default();
    let first = city.login("sys", issued).ok();
    assert_eq!(first["user"]["must_set_up_totp"], true);
    let token = first["access_token"].as_str().unwrap_or_default();
    let send = |method: &str, path: &str, body: Value| city.send(method, path, |request| request.bearer_auth(token).json(&body));
    send("POST", "/me/totp", json!({})).problem(403, "auth.password_change_required");
    assert_eq!(send("POST", "/auth/password", json!({ "current": issued, "new": PASSWORD })).status, 204);
    for path in ["/units", "/users", "/me/sessions", "/notices"] {
        send("GET", path, Value::Null).problem(403, "auth.otp_setup_required");
    }
    assert_eq!(send("GET", "/me", Value::Null).ok()["must_set_up_totp"], true);
    send("POST", "/me/totp", json!({})).fault("/password", "validation.required");
    let started = send("POST", "/me/totp", json!({ "password": PASSWORD })).ok();
    let secret = started["secret"].as_str().unwrap_or_default().to_owned();
    assert!(started["uri"].as_str().is_some_and(|uri| uri.contains(&secret)), "{started}");
    // Whether it can be scanned, the browser's tests see.
    let rows: Vec<&str> = started["qr"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(rows.len() > 20 && rows.iter().all(|row| row.len() == rows.len() && row.chars().all(|module| matches!(module, '0' | '1'))), "{rows:#?}");
    send("GET", "/units", Value::Null).problem(403, "auth.otp_setup_required");
    assert_eq!(send("POST", "/me/totp/confirm", json!({ "otp": tests::one_time_code(&secret) })).status, 204);
    send("GET", "/units", Value::Null).ok();
    city.login("sys", PASSWORD).problem(401, "auth.otp_required");
    // The code that confirmed it is used up.
    let code = tests::one_time_code_in(&secret, 1);
    let again = city.send("POST", "/auth/login", |request| request.json(&json!({ "username": "sys", "password": PASSWORD, "otp": code }))).ok();
    assert_eq!(again["user"]["must_set_up_totp"], false);
}
