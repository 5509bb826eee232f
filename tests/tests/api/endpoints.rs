//! Every endpoint is tried by the wrong people: each operation of the contract by nobody, by each role, and by the same role of the
//! other city. What each is told stands in `endpoints.golden`; `LIANDONG_GOLDEN=write` writes it anew, and the difference is reviewed.
//! An operation without a row, or a row without an operation, fails.

use crate::toy::{LABORATORY, created};
use serde_json::{Value, json};
use std::{collections::BTreeMap, env, fmt::Write, fs, path::Path};
use tests::{City, Person, laboratory};

/// One person of each role: in the first city, and in the other.
const ROLES: [(&str, &str, &str); 11] = [
    ("unit_head", "df-market", "xc-market"),
    ("liaison_officer", "df-market", "xc-market"),
    ("handler", "df-water", "xc-market"),
    ("commissioner", "df-procuratorate", "xc-procuratorate"),
    ("coordinator", "df-justice", "xc-justice"),
    ("prosecutor", "df-procuratorate", "xc-procuratorate"),
    ("prosecutor_assistant", "df-market", "xc-market"),
    ("mediator", "df-yingyang", "xc-hedong"),
    ("system_admin", "df-justice", "xc-justice"),
    ("security_admin", "df-justice", "xc-justice"),
    ("audit_admin", "df-justice", "xc-justice"),
];

/// What may be called without signing in. Everything else answers 401, whatever is asked.
const PUBLIC: [&str; 6] = ["POST /auth/login", "POST /auth/refresh", "GET /healthz", "GET /readyz", "GET /metrics", "GET /docs"];

/// What would end the callers' own sessions or change how they sign in: tried without sign-in only, and elsewhere by name.
const OWN_ACCOUNT: [&str; 4] = ["POST /auth/logout", "POST /auth/refresh", "POST /me/totp", "POST /me/totp/confirm"];

/// Ids of the first city, for the path; and a body that would be taken, as far as that does no harm.
struct Samples {
    ids: BTreeMap<&'static str, String>,
}

impl Samples {
    fn of(city: &City) -> Self {
        let office = city.person("df-justice.coordinator");
        let body = crate::work_item::body(&office, "所有人都来试一试能不能看到的任务");
        let matter = created(&office, "work_item", &body, true);
        let id = crate::work_item::id(&matter);
        let file = office.upload(&format!("/matters/{id}/attachments"), "说明.txt", "供下载的说明".into()).ok();
        let sheet = crate::sheets::work_list(&[["1", "供各角色试看的导入：检查台账", "市文旅局", "", "2027-06-30", "工作方案二（一）", ""]]);
        let import = office.upload("/imports?kind=work_item", "任务.xlsx", sheet).ok();
        let user = city.person("df-market.handler").get("/me").ok();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let ids = BTreeMap::from([
            ("matter", id),
            ("attachment", text(&file["id"])),
            ("clock", text(&matter["clocks"][0]["id"])),
            ("import", text(&import["id"])),
            ("export", crate::exports::finished(&office, "kind=work_item&open=true")),
            ("user", text(&user["id"])),
            ("nothing", "01990000-0000-7000-8000-000000000000".to_owned()),
        ]);
        Self { ids }
    }

    fn path(&self, template: &str) -> String {
        let id = match template.split('/').nth(1) {
            Some("matters") => "matter",
            Some("imports") => "import",
            Some("exports") => "export",
            Some("users") => "user",
            _ => "nothing",
        };
        let code = if template.starts_with("/units/") { "df-market" } else { "work_item" };
        let path = template
            .replace("{id}", &self.ids[id])
            .replace("{attachment}", &self.ids["attachment"])
            .replace("{clock}", &self.ids["clock"])
            .replace("{row}", "2")
            .replace("{action}", "urge")
            .replace("{code}", code);
        match template {
            "/search" => path + "?q=台账",
            "/matters/namesakes" => path + "?title=检查台账",
            "/imports" => path + "?kind=work_item",
            _ => path,
        }
    }

    /// Bodies that reach the question whether the actor may see the thing; `{"no": "such"}` only asks whether the role may call it.
    fn body(&self, operation: &str) -> Value {
        match operation {
            "POST /matters/{id}/comments" | "POST /matters/{id}/notes" => json!({ "text": "有人来过" }),
            "POST /matters/{id}/links" => json!({ "matter": self.ids["matter"], "relation": "same_subject" }),
            "POST /matters/{id}/actions/{action}" | "PATCH /matters/{id}" | "PATCH /units/{code}" | "PATCH /users/{id}" => json!({}),
            "PATCH /imports/{id}/rows/{row}" => json!({}),
            "POST /users/{id}/hand-over" => json!({ "to": self.ids["nothing"] }),
            _ => json!({ "no": "such" }),
        }
    }
}

fn status(city: &City, samples: &Samples, operation: &str, template: &str, person: Option<&Person>) -> u16 {
    let (method, _) = operation.split_once(' ').unwrap_or_default();
    let token = person.map(Person::token);
    // Reading the imports is asked without the kind that an upload names.
    let path = if operation == "GET /imports" { "/imports".to_owned() } else { samples.path(template) };
    city.status(method, &path, |request| {
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        match method {
            "GET" => request,
            // A version nobody has seen: who may see the matter is told that it is stale.
            _ => request.header("if-match", "\"0\"").json(&samples.body(operation)),
        }
    })
}

/// Operations of the contract as `METHOD /path`, without the common prefix.
fn operations(city: &City) -> Vec<(String, String)> {
    let document = city.send("GET", "/../../openapi.json", |request| request).ok();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        for method in methods.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase()) {
            operations.push((format!("{method} {path}"), path.to_owned()));
        }
    }
    operations
}

#[test]
fn each_endpoint_answers_each_role_as_reviewed() {
    let laboratory = laboratory(LABORATORY).shared();
    let city: &City = &laboratory;
    let samples = Samples::of(city);
    let operations = operations(city);
    assert!(operations.len() > 60, "the contract is read");
    // Signing in costs a password hash each: once, before the rows are tried side by side.
    for (role, own, other) in ROLES {
        for unit in [own, other] {
            city.person(&format!("{unit}.{role}")).token();
        }
    }
    let row = |operation: &str, template: &str| {
        let mut row = format!("{operation}\n  nobody {}", status(city, &samples, operation, template, None));
        if OWN_ACCOUNT.contains(&operation) {
            return row + "\n";
        }
        for (city_name, unit_of) in [("own city", 1), ("other city", 2)] {
            let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
            for (role, own, other) in ROLES {
                let person = city.person(&format!("{}.{role}", if unit_of == 1 { own } else { other }));
                by_status.entry(status(city, &samples, operation, template, Some(&person))).or_default().push(role);
            }
            let _ = write!(row, "\n  {city_name}:");
            for (status, roles) in by_status {
                let _ = write!(row, " {status} {}", if roles.len() == ROLES.len() { "all".to_owned() } else { roles.join(",") });
            }
        }
        row + "\n"
    };
    let half = operations.len().div_ceil(2);
    let rows: Vec<String> = std::thread::scope(|scope| {
        let row = &row;
        let halves: Vec<_> = operations
            .chunks(half)
            .map(|chunk| scope.spawn(move || chunk.iter().map(|(operation, template)| row(operation, template)).collect::<Vec<_>>()))
            .collect();
        halves.into_iter().flat_map(|half| half.join().expect("the rows are tried")).collect()
    });

    for ((operation, template), row) in operations.iter().zip(&rows) {
        let nobody = row.lines().nth(1).unwrap_or_default().trim();
        assert!(PUBLIC.contains(&operation.as_str()) || nobody == "nobody 401", "{operation} answers who has not signed in: {nobody}");
        assert!(!row.contains(" 5"), "a fault of the server: {row}");
        let of_a_city = ["/matters/{id}", "/imports/{id}", "/users/{id}", "/units/{code}"].iter().any(|prefix| template.starts_with(prefix));
        let strangers = row.lines().last().unwrap_or_default();
        assert!(!of_a_city || !strangers.contains(" 2"), "the other city gets something of this one: {row}");
    }
    let table = rows.join("");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/endpoints.golden");
    if env::var("LIANDONG_GOLDEN").as_deref() == Ok("write") {
        fs::write(&path, &table).expect("the golden file can be written");
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<&str> = rows.iter().map(String::as_str).filter(|row| !golden.contains(*row)).collect();
    assert!(changed.is_empty(), "these differ from endpoints.golden; review them and run with LIANDONG_GOLDEN=write:\n{}", changed.join(""));
    let gone: Vec<&str> = golden.lines().filter(|line| !line.starts_with(' ') && !table.contains(&format!("{line}\n"))).collect();
    assert!(gone.is_empty(), "no longer in the contract, but in endpoints.golden: {gone:?}");
}
