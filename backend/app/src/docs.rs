//! `/docs`: the contract to read. A page of our own, made from the OpenAPI document, since the usual viewers load their
//! scripts from elsewhere, which the Content-Security-Policy forbids and a closed network can't give.

use crate::contract::openapi;
use actix_web::{HttpResponse, get, http::header};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt::Write, sync::OnceLock};

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// The contract to read.
#[get("/docs")]
pub async fn page() -> Result<HttpResponse, backend_kernel::Error> {
    static PAGE: OnceLock<String> = OnceLock::new();
    let text = match PAGE.get() {
        Some(text) => text,
        None => {
            let fault = |error: String| backend_kernel::Error::Other(error);
            let document: Value = serde_json::from_str(&openapi().map_err(|error| fault(error.to_string()))?)?;
            let made = render(&document).map_err(|error| fault(error.to_string()))?;
            PAGE.get_or_init(|| made)
        }
    };
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header((header::CACHE_CONTROL, "no-cache")).body(text.clone()))
}

#[get("/docs/style.css")]
pub async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").insert_header((header::CACHE_CONTROL, "no-cache")).body(include_str!("docs.css"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn object<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

/// A schema in a few words, with links to those that have a name.
fn shape(schema: &Value) -> String {
    if let Some(name) = text(schema, "$ref").rsplit('/').next().filter(|name| !name.is_empty()) {
        return format!("<a href=\"#schema-{0}\">{0}</a>", escaped(name));
    }
    for (member, joint) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " &amp; ")] {
        if let Some(parts) = schema.get(member).and_then(Value::as_array) {
            return parts.iter().map(shape).collect::<Vec<_>>().join(joint);
        }
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().map(|value| format!("<code>{}</code>", escaped(&value.to_string()))).collect::<Vec<_>>().join(" ");
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let named: Vec<String> = kinds
        .iter()
        .map(|kind| match *kind {
            "array" => format!("[{}]", schema.get("items").map(shape).unwrap_or_default()),
            "object" => schema
                .get("additionalProperties")
                .filter(|inner| inner.is_object())
                .map_or("object".into(), |inner| format!("{{… {}}}", shape(inner))),
            other => other.to_owned(),
        })
        .collect();
    let format = text(schema, "format");
    if named.is_empty() {
        "any".into()
    } else if format.is_empty() {
        named.join(" | ")
    } else {
        format!("{} ({})", named.join(" | "), escaped(format))
    }
}

fn content(part: &Value) -> String {
    object(part, "/content")
        .map(|(kind, media)| {
            let shaped = media.get("schema").map(shape).unwrap_or_default();
            if kind == "application/json" { shaped } else { format!("{} {shaped}", escaped(kind)) }
        })
        .collect::<Vec<_>>()
        .join(", ")
}

fn paragraphs(text: &str) -> String {
    text.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(|text| format!("<p>{}</p>", escaped(text))).collect()
}

/// What stands for all operations stands once, in the components.
fn resolved<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    document.pointer(text(part, "$ref").trim_start_matches('#')).filter(|_| part.get("$ref").is_some()).unwrap_or(part)
}

fn operation(out: &mut String, document: &Value, method: &str, path: &str, operation: &Value) -> std::fmt::Result {
    let id = format!("{method}{}", path.replace(['/', '{', '}'], "-"));
    write!(
        out,
        "<details id=\"{id}\"><summary><span class=\"method {method}\">{}</span> <code>{}</code> <span>{}</span></summary>",
        method.to_uppercase(),
        escaped(path),
        escaped(text(operation, "summary"))
    )?;
    out.push_str(&paragraphs(text(operation, "description")));
    let parameters = operation.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        out.push_str("<h4>Parameters</h4><table>");
        for parameter in parameters {
            let required = parameter.get("required") == Some(&Value::Bool(true));
            write!(
                out,
                "<tr><th><code>{}</code>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(text(parameter, "name")),
                if required { " *" } else { "" },
                escaped(text(parameter, "in")),
                parameter.get("schema").map(shape).unwrap_or_default(),
                escaped(text(parameter, "description"))
            )?;
        }
        out.push_str("</table>");
    }
    if let Some(body) = operation.get("requestBody") {
        write!(out, "<h4>Request</h4><p>{}</p>", content(body))?;
    }
    out.push_str("<h4>Answers</h4><table>");
    for (status, answer) in object(operation, "/responses") {
        let answer = resolved(document, answer);
        write!(out, "<tr><th>{}</th><td>{}</td><td>{}</td></tr>", escaped(status), content(answer), escaped(text(answer, "description")))?;
    }
    out.push_str("</table></details>");
    Ok(())
}

fn schema(out: &mut String, name: &str, declared: &Value) -> std::fmt::Result {
    let name = escaped(name);
    write!(out, "<details id=\"schema-{name}\"><summary><code>{name}</code></summary>{}", paragraphs(text(declared, "description")))?;
    let required: Vec<&str> = declared.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if declared.get("properties").is_some() {
        out.push_str("<table>");
        for (member, inner) in object(declared, "/properties") {
            let mark = if required.contains(&member.as_str()) { " *" } else { "" };
            write!(
                out,
                "<tr><th><code>{}</code>{mark}</th><td>{}</td><td>{}</td></tr>",
                escaped(member),
                shape(inner),
                escaped(text(inner, "description"))
            )?;
        }
        out.push_str("</table>");
    } else {
        write!(out, "<p>{}</p>", shape(declared))?;
    }
    out.push_str("</details>");
    Ok(())
}

fn render(document: &Value) -> Result<String, std::fmt::Error> {
    let mut groups: BTreeMap<&str, Vec<(&str, &str, &Value)>> = BTreeMap::new();
    for (path, item) in object(document, "/paths") {
        for method in METHODS {
            if let Some(found) = item.get(*method) {
                let tag = found.pointer("/tags/0").and_then(Value::as_str).unwrap_or("other");
                groups.entry(tag).or_default().push((method, path, found));
            }
        }
    }
    let title = escaped(document.pointer("/info/title").and_then(Value::as_str).unwrap_or_default());
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}: API</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body><header><h1>{title}</h1>{}<p>The document itself: <a href=\"/openapi.json\">openapi.json</a>. Members marked * are required.</p></header><nav aria-label=\"Sections\">",
        paragraphs(document.pointer("/info/description").and_then(Value::as_str).unwrap_or_default())
    );
    for tag in groups.keys() {
        write!(out, "<a href=\"#{0}\">{0}</a> ", escaped(tag))?;
    }
    out.push_str("<a href=\"#schemas\">schemas</a></nav><main>");
    for (tag, operations) in &groups {
        write!(out, "<section><h2 id=\"{0}\">{0}</h2>", escaped(tag))?;
        for (method, path, found) in operations {
            operation(&mut out, document, method, path, found)?;
        }
        out.push_str("</section>");
    }
    out.push_str("<section><h2 id=\"schemas\">schemas</h2>");
    for (name, declared) in object(document, "/components/schemas") {
        schema(&mut out, name, declared)?;
    }
    out.push_str("</section></main></body></html>");
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_on_the_page_and_nothing_comes_from_elsewhere() {
        let document: Value = serde_json::from_str(&openapi().unwrap()).unwrap();
        let shown = render(&document).unwrap();
        for (path, item) in object(&document, "/paths") {
            for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
                assert!(shown.contains(&format!("{}</span> <code>{}</code>", method.to_uppercase(), escaped(path))), "{method} {path}");
            }
        }
        for word in ["http://", "https://", "<script", "style=", "onclick"] {
            assert!(!shown.contains(word), "{word}");
        }
        // Every link of a schema leads somewhere.
        for target in shown.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(shown.contains(&format!("id=\"{target}\"")), "{target}");
        }
    }
}
