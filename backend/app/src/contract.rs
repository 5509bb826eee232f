//! The OpenAPI 3.1 document: what the handlers declare, completed by what holds for all of them — signing in, the headers of a change,
//! the problems every call can end in with their codes, an example for each request.

use actix_web::{App, HttpResponse, get, http::StatusCode};
use anyhow::Result;
use backend_kernel::http;
use serde_json::{Map, Value, json};
use shared::kernel::problem::Code;
use std::collections::BTreeMap;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

#[derive(OpenApi)]
#[openapi(info(
    title = "Liandong 府检联动",
    description = "Every linked matter has exactly one holder, a running legal clock and a complete history. Errors are application/problem+json (RFC 9457) with a stable `code`. Changes need `If-Match`; `Idempotency-Key` makes a call safe to repeat.",
    license(name = "MIT")
))]
struct Declared;

/// Request examples by operation id.
const EXAMPLES: &str = include_str!("examples.json");
/// What is open to everybody.
const PUBLIC: &[&str] = &["/api/v1/auth/login", "/api/v1/auth/refresh", "/healthz", "/readyz", "/metrics"];
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// The document as text.
pub fn openapi() -> Result<String> {
    let (_, document) = App::new().into_utoipa_app().openapi(Declared::openapi()).configure(http::configure).split_for_parts();
    let mut document = serde_json::to_value(&document)?;
    complete(&mut document)?;
    Ok(serde_json::to_string_pretty(&document)?)
}

/// The contract as JSON.
#[get("/openapi.json")]
pub async fn served() -> Result<HttpResponse, backend_kernel::Error> {
    let text = openapi().map_err(|error| backend_kernel::Error::Other(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}

fn complete(document: &mut Value) -> Result<()> {
    let examples: BTreeMap<String, Value> = serde_json::from_str(EXAMPLES)?;
    let mut statuses = BTreeMap::new();
    for (path, item) in members(document, "/paths") {
        for method in METHODS {
            if let Some(operation) = item.get_mut(*method).and_then(Value::as_object_mut) {
                complete_operation(path, method, operation, &examples, &mut statuses);
            }
        }
    }
    plain_pairs(document);
    document["servers"] = json!([{ "url": "/" }]);
    document["security"] = json!([{ "bearer": [] }]);
    document["components"]["securitySchemes"] = json!({
        "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "`access_token` of `POST /api/v1/auth/login`, 15 minutes; `POST /api/v1/auth/refresh` gives the next one for the cookie." }
    });
    document["components"]["responses"] = statuses.into_iter().map(|(status, name)| (name, problem(status))).collect::<Map<_, _>>().into();
    Ok(())
}

fn members<'a>(document: &'a mut Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    document.pointer_mut(pointer).and_then(Value::as_object_mut).into_iter().flat_map(|object| object.iter_mut())
}

type Operation = Map<String, Value>;

fn complete_operation(path: &str, method: &str, operation: &mut Operation, examples: &BTreeMap<String, Value>, statuses: &mut BTreeMap<u16, String>) {
    let public = PUBLIC.contains(&path);
    let api = path.starts_with("/api/");
    let changes = api && method != "get" && !public;
    let versioned = answers(operation, "428");
    if public {
        operation.insert("security".into(), json!([]));
    }
    let mut headers = Vec::new();
    if versioned {
        headers.push(header(
            "If-Match",
            true,
            "The version that was seen, quoted: `\"7\"` (RFC 9110 §13.1.1).",
            json!({ "type": "string" }),
            json!("\"7\""),
        ));
    }
    if changes {
        let shape = json!({ "type": "string", "minLength": 8, "maxLength": 100 });
        headers.push(header(
            "Idempotency-Key",
            false,
            "One for each intent, kept for its repeats: the same key has one effect and one answer.",
            shape,
            json!("5f1c0a52-receive-7"),
        ));
    }
    if api && !public && !path.starts_with("/api/v1/auth/") && !path.starts_with("/api/v1/me") {
        let shape = json!({ "type": "string", "format": "uuid" });
        headers.push(header(
            "X-On-Behalf-Of",
            false,
            "The person one acts for by a delegation.",
            shape,
            json!("0198c0de-0000-7000-8000-000000000001"),
        ));
    }
    if let Some(parameters) = operation.entry("parameters").or_insert_with(|| json!([])).as_array_mut() {
        parameters.extend(headers);
    }
    let name = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(example) = examples.get(&name)
        && let Some(media) = operation.get_mut("requestBody").and_then(|body| body.pointer_mut("/content/application~1json"))
    {
        media["example"] = example.clone();
    }
    let body = operation.contains_key("requestBody");
    let mut possible = vec![429, 500];
    if !public {
        possible.extend([401, 403]);
    }
    if body {
        possible.extend([400, 413, 415, 422]);
    } else if operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["in"] == "query")) {
        possible.push(400);
    }
    if changes {
        possible.extend([409, 422, 503]);
    }
    if let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for (status, answer) in answers.iter_mut().filter(|(_, answer)| answer["description"].as_str().is_none_or(str::is_empty)) {
            answer["description"] = json!(meaning(status));
        }
    }
    let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (status, answer) in answers.iter_mut().filter(|(status, _)| status.starts_with('2')) {
        let detail = answer.pointer("/content/application~1json/schema/$ref") == Some(&json!("#/components/schemas/MatterDetail"));
        let mut headers = Map::new();
        if detail {
            headers.insert("ETag".into(), json!({ "description": "The version, for the next `If-Match`.", "schema": { "type": "string" } }));
        }
        if detail && status == "201" {
            headers.insert("Location".into(), json!({ "description": "The new matter.", "schema": { "type": "string" } }));
        }
        if changes {
            headers.insert(
                "Idempotency-Replayed".into(),
                json!({ "description": "`true`: the answer of an earlier call with the same key.", "schema": { "type": "string" } }),
            );
        }
        if !headers.is_empty() {
            answer["headers"] = headers.into();
        }
    }
    let declared: Vec<u16> = answers.keys().filter_map(|status| status.parse().ok()).filter(|status| *status >= 400).collect();
    if api {
        possible.extend(declared);
        for status in possible {
            let name = statuses.entry(status).or_insert_with(|| format!("Problem{status}"));
            answers.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{name}") }));
        }
    }
    answers.sort_keys();
}

fn meaning(status: &str) -> &'static str {
    status.parse().ok().and_then(|status| StatusCode::from_u16(status).ok()).and_then(|status| status.canonical_reason()).unwrap_or("Answer")
}

/// Pairs, which utoipa describes by `prefixItems`, as arrays of a fixed length: most generators know nothing else.
fn plain_pairs(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Array(items)) = members.remove("prefixItems") {
                let length = items.len();
                let mut kinds = items;
                kinds.dedup();
                let one = if kinds.len() == 1 { kinds.remove(0) } else { json!({ "oneOf": kinds }) };
                members.extend([("items".to_owned(), one), ("minItems".to_owned(), json!(length)), ("maxItems".to_owned(), json!(length))]);
            }
            members.values_mut().for_each(plain_pairs);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_pairs),
        _ => {}
    }
}

fn answers(operation: &Operation, status: &str) -> bool {
    operation.get("responses").is_some_and(|all| all.get(status).is_some())
}

fn header(name: &str, required: bool, description: &str, schema: Value, example: Value) -> Value {
    json!({ "name": name, "in": "header", "required": required, "description": description, "schema": schema, "example": example })
}

/// One status with all codes it may have: the catalogue is the contract.
fn problem(status: u16) -> Value {
    let codes: Vec<&Code> = Code::ALL.iter().filter(|code| code.status() == status).collect();
    let listed: Vec<String> = codes.iter().map(|code| format!("- `{}`: {} {}", code.as_str(), code.message().zh, code.message().en)).collect();
    let mut answer = json!({
        "description": format!("One of:\n\n{}", listed.join("\n")),
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/ProblemBody" } } }
    });
    if status == 429 || status == 503 {
        answer["headers"] = json!({ "Retry-After": { "description": "Seconds to wait.", "schema": { "type": "integer" } } });
    }
    if let Some(code) = codes.first() {
        let errors = if status == 422 { json!([{ "pointer": "/body/content", "code": code.as_str() }]) } else { json!([]) };
        answer["content"]["application/problem+json"]["example"] = json!({
            "type": format!("urn:liandong:problem:{}", code.as_str()),
            "title": code.message().en,
            "status": status,
            "code": code.as_str(),
            "errors": errors,
            "request_id": "0198c0de-0000-7000-8000-000000000002"
        });
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn document() -> Value {
        serde_json::from_str(&openapi().unwrap()).unwrap()
    }

    fn operations(document: &Value) -> Vec<(String, String, Value)> {
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| METHODS.contains(&method.as_str())) {
                all.push((path.clone(), method.clone(), operation.clone()));
            }
        }
        all
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let mut seen = BTreeSet::new();
        for (path, method, operation) in operations(&document()) {
            let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
            assert!(!name.is_empty() && seen.insert(name.clone()), "{method} {path}: {name:?} is missing or taken");
        }
    }

    #[test]
    fn every_request_has_an_example_and_every_example_a_request() {
        let examples: BTreeMap<String, Value> = serde_json::from_str(EXAMPLES).unwrap();
        let mut used = BTreeSet::new();
        for (path, method, operation) in operations(&document()) {
            if let Some(media) = operation.pointer("/requestBody/content/application~1json") {
                assert!(media.get("example").is_some(), "{method} {path} has no example");
                used.insert(operation["operationId"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(examples.into_keys().collect::<BTreeSet<_>>(), used);
    }

    #[test]
    fn a_change_names_its_headers_and_its_problems() {
        for (path, method, operation) in operations(&document()).into_iter().filter(|(path, ..)| path.starts_with("/api/")) {
            let has = |name: &str| operation["parameters"].as_array().unwrap().iter().any(|one| one["name"] == name);
            let status = |status: &str| operation["responses"].get(status).is_some();
            let public = PUBLIC.contains(&path.as_str());
            assert_eq!(has("Idempotency-Key"), method != "get" && !public, "{method} {path}");
            assert_eq!(has("If-Match"), status("428"), "{method} {path}");
            assert!(public || (status("401") && status("403")), "{method} {path}");
            assert!(status("429") && status("500"), "{method} {path}");
            for (status, answer) in operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
                assert_eq!(answer["$ref"], format!("#/components/responses/Problem{status}"), "{method} {path} {status}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_code_is_named() {
        fn follow(root: &Value, value: &Value) {
            match value {
                Value::Object(members) => {
                    if let Some(Value::String(to)) = members.get("$ref") {
                        assert!(root.pointer(to.trim_start_matches('#')).is_some(), "{to}");
                    }
                    members.values().for_each(|inner| follow(root, inner));
                }
                Value::Array(items) => items.iter().for_each(|inner| follow(root, inner)),
                _ => {}
            }
        }
        let document = document();
        follow(&document, &document);
        let text = document["components"]["responses"].to_string();
        for code in Code::ALL.iter().filter(|code| text.contains(&format!("Problem{}", code.status()))) {
            assert!(text.contains(&format!("`{}`", code.as_str())), "{}", code.as_str());
        }
    }
}
