//! N1 through the server: random people press random buttons with input their fields accept; after each step the matter has exactly
//! one holder while it is open. `LIANDONG_WALK_STEPS` makes the walk longer; `shared/tests/walk.rs` takes it without a server.

use crate::work_item::{body, day, id};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, env};
use tests::{City, Person, city};

const UNITS: [&str; 3] = ["df-disabled", "df-women", "df-youth"];

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(n.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}

fn value(field: &Value, person: &Person, dice: &mut Dice) -> Value {
    let input = &field["input"];
    match input["type"].as_str() {
        Some("text" | "long_text") => json!("字".repeat(usize::try_from(input["min"].as_u64().unwrap_or(2).max(2)).unwrap_or(2))),
        Some("integer") => json!(input["min"].as_i64().unwrap_or(0).max(5)),
        Some("date") => json!(day(person, 20 + u64::try_from(dice.below(100)).unwrap_or(0))),
        Some("choice") => {
            let choices = input["choices"].as_array().cloned().unwrap_or_default();
            choices.get(dice.below(choices.len())).map(|choice| choice["code"].clone()).unwrap_or_default()
        }
        Some("code_list") if input["list"] == "refusal_reasons" => json!("other_region"),
        Some("code_list") => json!("other"),
        Some("unit") => json!(UNITS[dice.below(UNITS.len())]),
        Some("units") => json!([UNITS[dice.below(UNITS.len())]]),
        Some("own_user") => person.get("/me").ok()["id"].clone(),
        Some("texts") => json!(["一条"]),
        _ => Value::Null,
    }
}

/// Takes steps in a city; gives the actions taken.
pub(crate) fn walk(city: &City, seed: u64, steps: usize) -> BTreeSet<String> {
    let office = city.person("df-justice.coordinator");
    let people: Vec<Person> = UNITS
        .iter()
        .flat_map(|unit| ["liaison_officer", "unit_head"].map(|role| city.person(&format!("{unit}.{role}"))))
        .chain([city.person("df-justice.coordinator")])
        .collect();
    let mut dice = Dice(seed);
    let mut actions = BTreeSet::new();
    let mut taken = 0;
    while taken < steps {
        let mut body = body(&office, &format!("随机流转的任务，种子{seed}，第{taken}步起"));
        body["lead_unit"] = json!(UNITS[dice.below(3)]);
        let id = id(&office
            .post("/matters", &json!({ "kind": "work_item", "body": body, "domains": ["other"], "not_secret": true, "submit": true }))
            .ok());
        let mut trail = Vec::new();
        for _ in 0..40 {
            let person = &people[dice.below(people.len())];
            let seen = person.get(&format!("/matters/{id}"));
            if seen.status == 404 {
                continue;
            }
            let matter = seen.ok();
            let ends = ["cancel", "void", "withdraw", "accept"];
            let enabled: Vec<&Value> = matter["actions"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|action| action["enabled"] == true && (!ends.contains(&action["action"].as_str().unwrap_or_default()) || dice.below(10) == 0))
                .collect();
            let Some(action) = enabled.get(dice.below(enabled.len())) else { continue };
            let name = action["action"].as_str().unwrap_or_default();
            let input: Map<String, Value> = action["input"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|field| (field["name"].as_str().unwrap_or_default().to_owned(), value(field, person, &mut dice)))
                .filter(|(_, value)| !value.is_null())
                .collect();
            let answer = person.act_on(&id, matter["version"].as_i64(), name, &Value::Object(input), &format!("walk-{seed}-{taken}-{}", trail.len()));
            trail.push(format!("{} {name} {}", person.username, answer.status));
            // Guards that read the input may still say no; nothing else may.
            assert!(matches!(answer.status, 200 | 204 | 409 | 422), "{answer}\n{trail:#?}");
            if answer.status >= 300 {
                continue;
            }
            taken += 1;
            actions.insert(name.to_owned());
            let now = office.get(&format!("/matters/{id}"));
            if now.status == 404 {
                break;
            }
            let now = now.ok();
            let holding: Vec<&Value> = now["parties"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|party| party["parts"].as_array().is_some_and(|parts| parts.contains(&json!("holder"))))
                .collect();
            let expected = usize::from(now["is_open"] == true);
            assert_eq!(holding.len(), expected, "{trail:#?}\n{:#}", now["parties"]);
            assert_eq!(now["holder"].is_null(), expected == 0, "{trail:#?}");
            if now["is_open"] == false && dice.below(2) == 0 {
                break;
            }
        }
    }
    actions
}

#[test]
fn random_legal_steps_keep_one_holder() {
    let steps = env::var("LIANDONG_WALK_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(120);
    let actions: BTreeSet<String> = std::thread::scope(|scope| {
        let walks: Vec<_> = [0x2026_1124_u64, 0x7e57].map(|seed| scope.spawn(move || walk(city(), seed, steps / 2))).into_iter().collect();
        walks.into_iter().flat_map(|walk| walk.join().expect("the walk ends")).collect()
    });
    assert!(actions.len() > 10, "{actions:?}");
    let report = city().person("df-justice.coordinator").get("/conservation").ok();
    assert_eq!(report["violations"], json!([]), "{report:#}");
}
