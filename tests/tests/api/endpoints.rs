//! Every endpoint is tried by the wrong people: each operation of the contract that the running server publishes, by nobody and by
//! each role in a unit that takes part, in one that doesn't, and in another city. Who may stands in `TABLE`: an operation without a row
//! fails, and so does a row without an operation.

use crate::{
    exports::finished,
    sheets,
    work_item::{body, day, id},
};
use serde_json::{Value, json};
use shared::kernel::role::Role::{self, *};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};
use tests::{City, PASSWORD};

/// Where somebody stands to the matters that are asked for.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Place {
    /// In a unit that takes part.
    Party,
    /// In one that sees all tasks of the city without taking part.
    Observer,
    /// In another unit of the same city.
    Outsider,
    /// In the other city.
    Foreign,
}
use Place::{Foreign, Observer, Outsider, Party};

/// A task of the market bureau is asked for, by prosecutors of a unit that takes part one of the procuratorate.
const SEATS: [(Role, &str, Place); 30] = [
    (UnitHead, "df-market", Party),
    (UnitHead, "df-water", Outsider),
    (UnitHead, "xc-market", Foreign),
    (LiaisonOfficer, "df-market", Party),
    (LiaisonOfficer, "df-water", Outsider),
    (LiaisonOfficer, "xc-market", Foreign),
    (Handler, "df-market", Party),
    (Handler, "df-water", Outsider),
    (Handler, "xc-market", Foreign),
    (Commissioner, "df-justice", Party),
    (Commissioner, "df-procuratorate", Observer),
    (Commissioner, "df-gov-office", Outsider),
    (Commissioner, "xc-justice", Foreign),
    // There is one linkage office in a city and one procuratorate.
    (Coordinator, "df-justice", Party),
    (Coordinator, "xc-justice", Foreign),
    (Prosecutor, "df-procuratorate", Party),
    (Prosecutor, "df-procuratorate", Observer),
    (Prosecutor, "xc-procuratorate", Foreign),
    (ProsecutorAssistant, "df-market", Party),
    (ProsecutorAssistant, "df-water", Outsider),
    (ProsecutorAssistant, "xc-market", Foreign),
    (Mediator, "df-yingyang", Party),
    (Mediator, "df-shaolin", Outsider),
    (Mediator, "xc-hedong", Foreign),
    (SystemAdmin, "df-justice", Party),
    (SystemAdmin, "xc-justice", Foreign),
    (SecurityAdmin, "df-justice", Party),
    (SecurityAdmin, "xc-justice", Foreign),
    (AuditAdmin, "df-justice", Party),
    (AuditAdmin, "xc-justice", Foreign),
];

/// Who works on matters: all but the three administrators.
const BUSINESS: &[Role] = &[UnitHead, LiaisonOfficer, Handler, Commissioner, Coordinator, Prosecutor, ProsecutorAssistant, Mediator];
/// Who starts matters and reads figures: the same but for assistants, who come with cases they are named in.
const STARTERS: &[Role] = &[UnitHead, LiaisonOfficer, Handler, Commissioner, Coordinator, Prosecutor, Mediator];
const ALL: &[Role] = Role::ALL;

/// Who may. Whoever has the role and may not for another reason is told 404, never a 403 that tells.
#[derive(Clone, Copy, Debug)]
enum Who {
    /// Without signing in.
    Anyone,
    /// These roles, whatever their unit and city.
    Of(&'static [Role]),
    /// These roles in the city that has it.
    City(&'static [Role]),
    /// These roles where the matter can be seen.
    Sees(&'static [Role]),
    /// The same, but who only observes is told 403: the matter is no secret.
    TakesPart(&'static [Role]),
    /// One person; it is nobody else's.
    Own(&'static [Role], &'static str),
    /// The linkage office of whichever city, for its own.
    Office(&'static [Role]),
    /// Those who assign in the person's own unit, and the system administrator; of other cities not even the administrators hear more than 404.
    Superiors,
}
use Who::{Anyone, City as InCity, Of, Office, Own, Sees, Superiors, TakesPart};

/// Each operation with what is answered to who may. An answer below 300 is the thing itself; the others come after the question who may:
/// 409 and 412 of a state or version that isn't so, 415 and 422 of a body that is none. Each runs once everybody who may not was refused.
const TABLE: &[(Who, &[(&str, u16)])] = &[
    (Anyone, &[("GET /healthz", 200), ("GET /readyz", 200), ("GET /metrics", 200), ("POST /auth/login", 422)]),
    (
        Of(ALL),
        &[
            ("GET /me", 200),
            ("PATCH /me", 422),
            ("GET /me/sessions", 200),
            ("PUT /me/forms/{key}", 204),
            ("GET /me/forms", 200),
            ("GET /me/forms/{key}", 200),
            ("DELETE /me/forms/{key}", 204),
            ("GET /notices", 200),
            ("POST /notices/read-all", 204),
            ("GET /delegations", 200),
            ("POST /delegations", 422),
            ("POST /feedback", 422),
            ("GET /kinds", 200),
            ("GET /kinds/{code}", 200),
            ("GET /units", 200),
            ("GET /users", 200),
            ("GET /roles", 200),
            ("GET /code-lists", 200),
            ("GET /clock-rules", 200),
            ("GET /calendars", 200),
            ("POST /calendars/compute", 422),
            ("POST /auth/password", 422),
            ("POST /me/totp", 422),
            ("POST /me/totp/confirm", 422),
        ],
    ),
    (
        Of(BUSINESS),
        &[
            ("GET /matters", 200),
            ("GET /matters/counts", 200),
            ("POST /matters/bulk", 422),
            ("GET /search", 200),
            ("GET /stream", 200),
            ("GET /saved-views", 200),
            ("POST /saved-views", 422),
            ("GET /exports", 200),
            ("POST /exports", 422),
            ("GET /exports/matters.xlsx", 200),
        ],
    ),
    (
        Of(STARTERS),
        &[("POST /matters", 422), ("GET /matters/namesakes", 200), ("GET /imports", 200), ("POST /imports", 415), ("GET /stats/overview", 200)],
    ),
    (
        Sees(BUSINESS),
        &[
            ("GET /matters/{id}", 200),
            ("GET /matters/{id}/access", 200),
            ("GET /matters/{id}/attachments", 200),
            ("GET /matters/{id}/attachments/{attachment}", 200),
            ("GET /matters/{id}/clocks/{clock}", 200),
            ("GET /matters/{id}/comments", 200),
            ("GET /matters/{id}/documents", 200),
            ("GET /matters/{id}/dossier.zip", 200),
            ("GET /matters/{id}/editions", 200),
            ("GET /matters/{id}/events", 200),
            ("GET /matters/{id}/links", 200),
            ("GET /matters/{id}/notes", 200),
            ("POST /matters/{id}/notes", 201),
            ("GET /matters/{id}/proof", 200),
            ("POST /matters/{id}/watch", 204),
            ("DELETE /matters/{id}/watch", 204),
            ("POST /matters/{id}/actions/{action}", 412),
        ],
    ),
    (Sees(STARTERS), &[("PATCH /matters/{id}", 412)]),
    (TakesPart(BUSINESS), &[("POST /matters/{id}/attachments", 415), ("POST /matters/{id}/comments", 201), ("POST /matters/{id}/links", 409)]),
    (Own(ALL, "df-market.liaison_officer"), &[("POST /notices/{id}/read", 204)]),
    (Own(ALL, "df-market.unit_head"), &[("DELETE /delegations/{id}", 204)]),
    (Own(BUSINESS, "df-justice.coordinator"), &[("DELETE /saved-views/{id}", 204), ("GET /exports/{id}", 200), ("GET /exports/{id}/file", 200)]),
    (
        Own(STARTERS, "df-justice.coordinator"),
        &[("GET /imports/{id}", 200), ("PATCH /imports/{id}/rows/{row}", 200), ("POST /imports/{id}/commit", 200)],
    ),
    (Own(&[SystemAdmin], "df-justice.system_admin"), &[("GET /setup/imports/{id}", 200), ("POST /setup/imports/{id}/commit", 200)]),
    (Office(STARTERS), &[("GET /conservation", 200)]),
    (
        Of(&[SystemAdmin]),
        &[
            ("GET /outbox", 200),
            ("GET /feedback", 200),
            ("POST /units", 422),
            ("POST /users", 422),
            ("POST /setup/imports", 415),
            ("POST /calendars/editions", 422),
            ("POST /calendars/notices", 422),
        ],
    ),
    (
        InCity(&[SystemAdmin]),
        &[
            ("PATCH /units/{code}", 200),
            ("POST /feedback/{id}/answer", 200),
            ("POST /outbox/{id}/replay", 204),
            ("POST /calendars/editions/{id}/apply", 200),
            ("POST /calendars/editions/{id}/undo", 200),
        ],
    ),
    (InCity(&[SystemAdmin, SecurityAdmin]), &[("PATCH /users/{id}", 200)]),
    (InCity(&[SecurityAdmin]), &[("GET /users/{id}/sessions", 200), ("POST /users/{id}/sessions/revoke", 200)]),
    (Superiors, &[("POST /users/{id}/hand-over", 422)]),
    (
        Of(&[AuditAdmin]),
        &[("GET /audit", 200), ("GET /audit/chain", 200), ("GET /audit/seals", 200), ("GET /audit/seals.json", 200), ("POST /audit/verify", 200)],
    ),
    // What ends their own sessions comes last.
    (Of(ALL), &[("POST /auth/refresh", 200), ("POST /auth/logout", 204)]),
];

impl Who {
    fn expected(self, seat: &Seat, if_allowed: u16) -> u16 {
        let only = |roles: &[Role], otherwise: u16| if roles.contains(&seat.role) { otherwise } else { 403 };
        match self {
            Anyone => if_allowed,
            Of(roles) => only(roles, if_allowed),
            InCity(roles) => only(roles, if seat.place == Foreign { 404 } else { if_allowed }),
            Sees(roles) => only(roles, if matches!(seat.place, Party | Observer) { if_allowed } else { 404 }),
            TakesPart(roles) => only(
                roles,
                match seat.place {
                    Party => if_allowed,
                    Observer => 403,
                    Outsider | Foreign => 404,
                },
            ),
            Own(roles, username) => only(roles, if seat.username == username { if_allowed } else { 404 }),
            Office(roles) => only(roles, if seat.unit.ends_with("-justice") { if_allowed } else { 404 }),
            Superiors if seat.place == Foreign => 404,
            Superiors if seat.unit == "df-market" && matches!(seat.role, UnitHead | LiaisonOfficer) => if_allowed,
            Superiors => only(&[SystemAdmin], if_allowed),
        }
    }
}

struct Seat {
    role: Role,
    unit: &'static str,
    place: Place,
    username: String,
    token: String,
    refresh: String,
}

impl Seat {
    fn taken(city: &City, role: Role, unit: &'static str, place: Place) -> Self {
        let username = format!("{unit}.{}", role.code());
        let answer = city.login(&username, PASSWORD);
        let token = answer.ok()["access_token"].as_str().unwrap_or_default().to_owned();
        // The fixture is made by the same people.
        city.remember(&username, &token);
        let refresh = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        Self { role, unit, place, username, token, refresh }
    }
}

/// What is there to be asked for, all of it of the first city.
struct Things {
    ids: BTreeMap<&'static str, String>,
}

impl Things {
    fn of(city: &City) -> Self {
        let office = city.person("df-justice.coordinator");
        let (officer, head, system) =
            (city.person("df-market.liaison_officer"), city.person("df-market.unit_head"), city.person("df-justice.system_admin"));
        let started = |new: Value| {
            let made = office.post("/matters", &new);
            assert_eq!(made.status, 201, "{made}");
            made.ok()
        };
        let task = |lead: &str, co_units: Value| {
            let mut body = body(&office, &format!("所有人都来试一试能不能看到的任务：{lead}"));
            (body["lead_unit"], body["co_units"]) = (json!(lead), co_units);
            started(json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true }))
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (market, procuratorate) = (task("df-market", json!(["df-yingyang"])), task("df-procuratorate", json!([])));
        let file = |task: &Value| text(&office.upload(&format!("/matters/{}/attachments", id(task)), "说明.txt", "供下载的说明".into()).ok()["id"]);
        let list = json!({
            "year_from": 2041, "year_to": 2042, "consulted": ["df-market", "df-yingyang", "df-procuratorate"],
            "items": [body(&office, "清单中的一项任务内容")],
        });
        let list = id(&started(json!({
            "kind": "work_list", "title": "2041—2042年度府检联动工作清单", "body": list, "domains": ["other"], "not_secret": true, "submit": true,
        })));
        office.act(&list, "consult", json!({})).ok();
        let sheet = sheets::work_list(&[["1", "供各角色试看的导入：检查台账", "市文旅局", "", "2027-06-30", "工作方案二（一）", ""]]);
        let import = office.upload("/imports?kind=work_item", "任务.xlsx", sheet).ok();
        let view = office.post("/saved-views", &json!({ "name": "我的筛选", "query": "kind=work_item" })).ok();
        let handler = text(&city.person("df-market.handler").get("/me").ok()["id"]);
        let delegation = json!({ "deputy": handler, "starts_on": day(&head, 0), "ends_on": day(&head, 1) });
        assert_eq!(head.post("/delegations", &delegation).status, 201);
        city.person("df-market.handler").post("/feedback", &json!({ "text": "页面太慢了" })).ok();
        let units = sheets::table(&[&["单位名称", "类别"], &["登封市测试中心", "bureau"]]);
        let roster = system.upload("/setup/imports?dataset=units", "单位.xlsx", units).ok();
        let first = |items: &Value| text(&items["items"][0]["id"]);
        let ids = BTreeMap::from([
            ("market", id(&market)),
            ("market file", file(&market)),
            ("market clock", text(&market["clocks"][0]["id"])),
            ("procuratorate", id(&procuratorate)),
            ("procuratorate file", file(&procuratorate)),
            ("procuratorate clock", text(&procuratorate["clocks"][0]["id"])),
            ("list", list),
            ("import", text(&import["id"])),
            ("export", finished(&office, "kind=work_item&open=true")),
            ("view", text(&view["id"])),
            ("delegation", text(&head.get("/delegations").ok()[0]["id"])),
            ("notice", first(&officer.get("/notices?limit=1").ok())),
            ("feedback", first(&system.get("/feedback?limit=1").ok())),
            ("roster", text(&roster["id"])),
            ("calendar", text(&system.post("/calendars/editions", &crate::contract::example("preview")).ok()["id"])),
            ("letter", letter(city)),
            ("person", text(&office.all("/users?unit=df-market&q=df-market.prosecutor_assistant")[0]["id"])),
            ("sessions", text(&office.all("/users?unit=df-tobacco&q=df-tobacco.handler")[0]["id"])),
        ]);
        if let Some((missing, _)) = ids.iter().find(|(_, id)| id.is_empty()) {
            panic!("the fixture lacks {missing}");
        }
        Self { ids }
    }

    /// Which of the two tasks is asked for.
    fn task(seat: Option<&Seat>) -> &'static str {
        if seat.is_some_and(|seat| seat.role == Prosecutor && seat.place == Party) { "procuratorate" } else { "market" }
    }

    fn path(&self, operation: &str, template: &str, seat: Option<&Seat>) -> String {
        let task = Self::task(seat);
        let id = match template.split('/').nth(1).unwrap_or_default() {
            "matters" if template.ends_with("/editions") => "list",
            "matters" => task,
            "imports" => "import",
            "exports" => "export",
            "saved-views" => "view",
            "delegations" => "delegation",
            "notices" => "notice",
            "feedback" => "feedback",
            "outbox" => "letter",
            "setup" => "roster",
            "calendars" => "calendar",
            "users" if template.ends_with("/hand-over") => "person",
            "users" => "sessions",
            _ => "market",
        };
        let path = template
            .replace("{id}", &self.ids[id])
            .replace("{attachment}", &self.ids[format!("{task} file").as_str()])
            .replace("{clock}", &self.ids[format!("{task} clock").as_str()])
            .replace("{row}", "2")
            .replace("{action}", "urge")
            .replace("{key}", "matter.new")
            .replace("{code}", if template.starts_with("/units/") { "df-market" } else { "work_item" });
        match operation {
            "GET /search" => path + "?q=台账",
            "GET /matters/namesakes" => path + "?title=检查台账",
            "POST /imports" => path + "?kind=work_item",
            "POST /setup/imports" => path + "?dataset=units",
            _ => path,
        }
    }

    /// Bodies that are taken, as far as the table says so; `{"no": "such"}` is refused after the question who may.
    fn body(&self, operation: &str, seat: Option<&Seat>) -> Value {
        match operation {
            "POST /matters/{id}/comments" | "POST /matters/{id}/notes" => json!({ "text": "有人来过" }),
            "POST /matters/{id}/links" => json!({ "matter": self.ids[Self::task(seat)], "relation": "same_subject" }),
            "POST /feedback/{id}/answer" => json!({ "text": "正在改进" }),
            "PUT /me/forms/{key}" => json!({ "values": {} }),
            "POST /users/{id}/hand-over" => json!({ "to": self.ids["market"] }),
            "PATCH /imports/{id}/rows/{row}" => json!({ "decision": "keep" }),
            "POST /matters/{id}/actions/{action}"
            | "PATCH /matters/{id}"
            | "PATCH /units/{code}"
            | "PATCH /users/{id}"
            | "POST /users/{id}/sessions/revoke"
            | "POST /auth/logout" => json!({}),
            _ => json!({ "no": "such" }),
        }
    }
}

/// A letter that was given up.
fn letter(city: &City) -> String {
    let (id, at) = ("01990000-0000-7000-8000-0000000000b1", "'2026-01-02T03:04:05+00:00'");
    let unit = "SELECT jurisdiction_id FROM unit WHERE code = 'df-market'";
    let columns = "id, topic, payload, created_at, available_at, attempts, dead_at, last_error, jurisdiction_id";
    let row = format!(
        "INSERT INTO outbox ({columns}) VALUES ({}, 'email', '{{}}', {at}, {at}, 10, {at}, 'mailbox unknown', ({unit}))",
        city.id_literal(id)
    );
    city.sql(&row).expect("the statement runs");
    id.to_owned()
}

fn status(city: &City, things: &Things, operation: &str, template: &str, seat: Option<&Seat>) -> u16 {
    let (method, _) = operation.split_once(' ').unwrap_or_default();
    city.status(method, &things.path(operation, template, seat), |request| {
        let request = match seat {
            Some(seat) if operation == "POST /auth/refresh" => request.header("cookie", &seat.refresh),
            Some(seat) => request.bearer_auth(&seat.token),
            None => request,
        };
        match method {
            "GET" => request,
            // A version nobody has seen: who may change the matter is told that it is stale.
            _ => request.header("if-match", "\"0\"").json(&things.body(operation, seat)),
        }
    })
}

/// Operations of the contract as `METHOD /path`, without the common prefix.
fn operations(city: &City) -> BTreeSet<String> {
    let document = city.get_outside("/openapi.json", |request| request).ok();
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    let of_path = |(path, methods): (&String, &Value)| {
        let path = path.strip_prefix("/api/v1").unwrap_or(path).to_owned();
        let methods = methods.as_object().cloned().unwrap_or_default();
        methods.into_iter().map(|(method, _)| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn each_operation_answers_each_role_in_each_place_as_the_table_says() {
    let city = City::start().expect("the city starts");
    let offered = operations(&city);
    assert!(offered.len() > 60, "the contract is read");
    let listed: Vec<&str> = TABLE.iter().flat_map(|(_, rows)| rows.iter().map(|(operation, _)| *operation)).collect();
    let rows: BTreeSet<String> = listed.iter().map(|operation| (*operation).to_owned()).collect();
    assert_eq!(rows.len(), listed.len(), "an operation stands in the table twice");
    assert_eq!(offered.difference(&rows).collect::<Vec<_>>(), Vec::<&String>::new(), "in the contract, but nothing says who may");
    assert_eq!(rows.difference(&offered).collect::<Vec<_>>(), Vec::<&String>::new(), "in the table, but no longer in the contract");

    let seats: Vec<Seat> = SEATS.iter().map(|(role, unit, place)| Seat::taken(&city, *role, unit, *place)).collect();
    assert!(ALL.iter().all(|role| [Party, Foreign].iter().all(|place| seats.iter().any(|seat| seat.role == *role && seat.place == *place))));
    let things = Things::of(&city);
    let wrong = Mutex::new(Vec::new());
    for (who, rows) in TABLE {
        for (operation, if_allowed) in *rows {
            let template = operation.split_once(' ').map_or("", |(_, path)| path);
            let without = if matches!(who, Anyone) { *if_allowed } else { 401 };
            let said = status(&city, &things, operation, template, None);
            if said != without {
                wrong.lock().expect("nobody panicked").push(format!("{operation} by nobody: {said}, expected {without}"));
            }
            // Whoever may comes last: some of it is done once only.
            let (allowed, refused): (Vec<&Seat>, Vec<&Seat>) = seats.iter().partition(|seat| who.expected(seat, *if_allowed) == *if_allowed);
            assert!(!allowed.is_empty(), "nobody may {operation}");
            let ask = |seats: &[&Seat]| {
                for seat in seats {
                    let (said, expected) = (status(&city, &things, operation, template, Some(seat)), who.expected(seat, *if_allowed));
                    if said != expected {
                        let line = format!("{operation} by {} ({:?}): {said}, expected {expected}", seat.username, seat.place);
                        wrong.lock().expect("nobody panicked").push(line);
                    }
                }
            };
            for seats in [refused, allowed] {
                std::thread::scope(|scope| {
                    for part in seats.chunks(seats.len().div_ceil(3).max(1)) {
                        scope.spawn(|| ask(part));
                    }
                });
            }
        }
    }
    let wrong = wrong.into_inner().expect("nobody panicked");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What the fixture made is really there: everything with an id in its path was had by somebody.
    let had: BTreeSet<&str> =
        TABLE.iter().flat_map(|(_, rows)| *rows).filter(|(_, status)| *status < 300).map(|(operation, _)| root(operation)).collect();
    for operation in listed.iter().filter(|operation| operation.contains("{id}")) {
        assert!(had.contains(root(operation)), "nobody was given anything by {operation}");
    }
}

/// The path up to the first id.
fn root(operation: &str) -> &str {
    let path = operation.split_once(' ').map_or("", |(_, path)| path);
    path.split_inclusive('}').next().unwrap_or(path)
}
