//! What a request of the server reads and writes, as pgbench can do it without the server: the floor. Reads are the server's own statements,
//! as PostgreSQL wrote them down; writes are the rows that the request left, each a plain prepared statement.

use crate::{clone::matter_id, database::Database};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path, process::Command, thread, time::Duration};
use uuid::Uuid;

/// Tables that a request on one matter may write, and which of their rows are looked at.
const TABLES: &[(&str, &str, &[&str])] = &[
    ("matter", "id = MATTER", &["id"]),
    ("event", "matter_id = MATTER", &["id"]),
    ("holding", "matter_id = MATTER", &["id"]),
    ("handover", "matter_id = MATTER", &["id"]),
    ("clock", "matter_id = MATTER", &["id"]),
    ("ask", "matter_id = MATTER", &["id"]),
    ("matter_party", "matter_id = MATTER", &["matter_id", "unit_id"]),
    ("matter_facet", "matter_id = MATTER", &["matter_id", "field", "value"]),
    ("matter_text", "matter_id = MATTER", &["matter_id"]),
    ("notice", "matter_id = MATTER", &["id"]),
    ("counter_delta", "true", &["id"]),
    ("idempotency", "key LIKE 'bench-floor-%'", &["person_id", "key"]),
    // Last: the number of the next matter is what all who take one wait for.
    ("matter_number", "true", &["jurisdiction_id", "kind", "year"]),
];

type Row = Map<String, Value>;

/// Rows by table and key.
pub struct Seen(BTreeMap<(usize, String), Row>);

impl Seen {
    pub fn look(database: &Database, matter: Uuid) -> Result<Self> {
        let mut seen = BTreeMap::new();
        for (at, (table, condition, key)) in TABLES.iter().enumerate() {
            let condition = condition.replace("MATTER", &format!("'{matter}'"));
            for line in database.rows(&format!("SELECT to_jsonb(t) FROM {table} t WHERE {condition}"))? {
                let row: Row = serde_json::from_str(line.first().context("a row")?)?;
                let key = key.iter().map(|column| row.get(*column).map(Value::to_string).unwrap_or_default()).collect::<Vec<_>>().join(" ");
                seen.insert((at, key), row);
            }
        }
        Ok(Self(seen))
    }
}

/// How ids of one request's rows become those of each transaction's.
struct Ids {
    /// The copy whose rows these are, when it was there before.
    copy: Option<u64>,
    new: Vec<Uuid>,
}

const GROUP: u128 = 0x0193_0000_0000_7000;

impl Ids {
    fn expression(&mut self, id: Uuid) -> String {
        let number = id.as_u128();
        let (group, last) = ((number >> 48) & 0xffff, u64::try_from(number & 0xffff_ffff_ffff).unwrap_or(0));
        if number >> 64 == GROUP
            && let Some(n) = self.copy
        {
            let counted = |from: &str| format!("CAST('01930000-0000-7000-{group:04x}-' || lpad(to_hex({from}), 12, '0') AS uuid)");
            if id == matter_id(n) {
                return counted("CAST(:m AS bigint)");
            }
            if last / 64 == n {
                return counted(&format!("CAST(:m AS bigint) * 64 + {}", last % 64));
            }
        }
        let known = self.new.iter().position(|other| *other == id);
        match known {
            Some(k) => format!("CAST('019a0000-0000-7000-8000-' || lpad(to_hex(CAST(:n AS bigint) * 64 + {k}), 12, '0') AS uuid)"),
            None => format!("CAST('{id}' AS uuid)"),
        }
    }
}

/// A text that pgbench finds no variables in.
fn quoted(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|c| match c {
            ':' => "\\x3a".to_owned(),
            '\'' => "''".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            other => other.to_string(),
        })
        .collect();
    format!("E'{escaped}'")
}

/// The writes between two looks, as pgbench's script. `:i` counts in each client.
pub fn writes(database: &Database, before: &Seen, after: &Seen, copy: Option<u64>, pool: u64) -> Result<String> {
    let mut new = Vec::new();
    for ((at, key), row) in &after.0 {
        if !before.0.contains_key(&(*at, key.clone())) {
            for column in ["id", "matter_id"] {
                let id = row.get(column).and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
                new.extend(id.filter(|id| !new.contains(id) && id.as_u128() >> 64 != GROUP));
            }
        }
    }
    let mut ids = Ids { copy, new };
    let mut script = String::from("\\set i :i + 1\n\\set n :base + :i * 100 + :client_id\n");
    if let Some(copy) = copy {
        // Each transaction takes another of the pool's matters.
        writeln!(script, "\\set m {copy} + (:i * :clients + :client_id) % {pool}")?;
    }
    script.push_str("BEGIN;\n");
    let mut statements = 0;
    for ((at, key), row) in &after.0 {
        let (table, _, keys) = TABLES[*at];
        let old = before.0.get(&(*at, key.clone()));
        if old == Some(row) {
            continue;
        }
        statements += 1;
        let types: BTreeMap<String, String> = database
            .rows(&format!("SELECT column_name, udt_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"))?
            .into_iter()
            .filter_map(|row| Some((row.first()?.clone(), row.get(1)?.clone())))
            .collect();
        let mut literal = |column: &str, value: &Value| -> String {
            let kind = types.get(column).map_or("text", String::as_str);
            match value {
                Value::Null => format!("CAST(NULL AS {kind})"),
                Value::String(text) if kind == "uuid" => text.parse().map_or_else(|_| quoted(text), |id| ids.expression(id)),
                // One of a kind in each transaction, and about as long.
                Value::String(text) if (table, column) == ("event", "chain") || column == "key" => {
                    format!("{} || CAST(:n AS bigint)", quoted(&text.chars().take(24).collect::<String>()))
                }
                Value::String(_) if (table, column) == ("matter", "number") && copy.is_some() => {
                    "'LD-2025-WI-' || (1000000 + CAST(:m AS bigint))".into()
                }
                Value::String(_) if (table, column) == ("matter", "number") && old.is_none() => "'LD-2024-WI-' || CAST(:n AS bigint)".into(),
                Value::String(text) => format!("CAST({} AS {kind})", quoted(text)),
                other => format!("CAST({} AS {kind})", quoted(&other.to_string())),
            }
        };
        if table == "matter_number" {
            let condition = keys.iter().map(|column| format!("{column} = {}", literal(column, &row[*column]))).collect::<Vec<_>>().join(" AND ");
            writeln!(script, "UPDATE matter_number SET last = last + 1 WHERE {condition};")?;
        } else if old.is_some() {
            let set = row.iter().map(|(column, value)| format!("\"{column}\" = {}", literal(column, value))).collect::<Vec<_>>().join(", ");
            let condition = keys.iter().map(|column| format!("{column} = {}", literal(column, &row[*column]))).collect::<Vec<_>>().join(" AND ");
            writeln!(script, "UPDATE {table} SET {set} WHERE {condition};")?;
        } else {
            let columns = row.keys().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
            let values = row.iter().map(|(column, value)| literal(column, value)).collect::<Vec<_>>().join(", ");
            writeln!(script, "INSERT INTO {table} ({columns}) VALUES ({values});")?;
        }
    }
    if statements < 5 {
        bail!("a request that wrote {statements} rows is none to compare with");
    }
    script.push_str("COMMIT;\n");
    Ok(script)
}

/// The statements that PostgreSQL got while something was done, with their values; `wanted` tells the request's own from those of jobs.
pub fn statements(
    database: &Database,
    log: &Path,
    act: impl Fn() -> Result<()>,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, Vec<Option<String>>)>> {
    let tell = |what: &str| -> Result<()> {
        database.run_alone(&format!("ALTER SYSTEM SET log_statement = '{what}'"))?;
        database.run_alone("SELECT pg_reload_conf()")?;
        thread::sleep(Duration::from_millis(500));
        Ok(())
    };
    // Once before, so that everything is prepared.
    act()?;
    tell("all")?;
    let from = usize::try_from(fs::metadata(log)?.len())?;
    act()?;
    thread::sleep(Duration::from_millis(300));
    let said = fs::read(log)?;
    tell("none")?;
    let said = String::from_utf8_lossy(said.get(from..).unwrap_or_default()).into_owned();
    // What is told on several lines goes on with a tab.
    let mut entries: Vec<String> = Vec::new();
    for line in said.lines() {
        match (line.strip_prefix('\t'), entries.last_mut()) {
            (Some(more), Some(entry)) => {
                entry.push('\n');
                entry.push_str(more);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    let mut found: Vec<(String, Vec<Option<String>>)> = Vec::new();
    let mut last_is_wanted = false;
    for entry in entries {
        if let Some((_, statement)) = entry.split_once("LOG:  execute ").and_then(|(_, rest)| rest.split_once(": ")) {
            last_is_wanted = wanted(statement);
            if last_is_wanted {
                found.push((statement.to_owned(), Vec::new()));
            }
        } else if let (Some((_, parameters)), true, Some(statement)) = (entry.split_once("DETAIL:  parameters: "), last_is_wanted, found.last_mut()) {
            statement.1 = values(parameters);
        }
    }
    Ok(found)
}

/// `$1 = 'a', $2 = NULL`.
fn values(text: &str) -> Vec<Option<String>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(" = ") {
        if let Some(quoted) = after.strip_prefix('\'') {
            let mut value = String::new();
            let mut chars = quoted.char_indices().peekable();
            let mut end = quoted.len();
            while let Some((at, c)) = chars.next() {
                if c != '\'' {
                    value.push(c);
                } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
                    value.push('\'');
                    chars.next();
                } else {
                    end = at + 1;
                    break;
                }
            }
            found.push(Some(value));
            rest = quoted.get(end..).unwrap_or_default();
        } else {
            found.push(None);
            rest = after.get(4..).unwrap_or_default();
        }
    }
    found
}

/// Reads as pgbench's script; `subject` is the matter in them, in whose place each transaction takes another of `many`.
pub fn reads(statements: &[(String, Vec<Option<String>>)], subject: Option<(Uuid, u64)>) -> Result<String> {
    let mut script = String::new();
    if let Some((_, many)) = subject {
        writeln!(script, "\\set m random(1, {many})")?;
    }
    for (text, values) in statements {
        let mut text = text.replace('\n', " ");
        // From the last, so that $1 is not taken for the beginning of $12.
        for (at, value) in values.iter().enumerate().rev() {
            let literal = match (value, subject) {
                (None, _) => "NULL".to_owned(),
                (Some(value), Some((id, _))) if value.contains(&id.to_string()) => {
                    let (before, after) = value.split_once(&id.to_string()).unwrap_or_default();
                    let counted = "'01930000-0000-7000-8000-' || lpad(to_hex(CAST(:m AS bigint)), 12, '0')";
                    if before.is_empty() && after.is_empty() {
                        format!("CAST({counted} AS uuid)")
                    } else {
                        format!("({} || {counted})", quoted(before))
                    }
                }
                (Some(value), _) if value.parse::<Uuid>().is_ok() => format!("CAST({} AS uuid)", quoted(value)),
                (Some(value), _) => quoted(value),
            };
            text = text.replace(&format!("${}", at + 1), &literal);
        }
        // A cast of two colons is no variable of pgbench, but what follows it might be.
        if text.contains("::") {
            bail!("`::` in a statement of the server: {text}");
        }
        writeln!(script, "{text};")?;
    }
    Ok(script)
}

pub struct Pgbench<'a> {
    pub bin: &'a Path,
    pub url: &'a str,
    pub dir: &'a Path,
    pub seconds: u64,
}

impl Pgbench<'_> {
    /// Transactions a second, the most of what some numbers of clients reach. Of several scripts each transaction takes one.
    pub fn best(&self, scripts: &[String], clients: &[u32]) -> Result<f64> {
        let file = |at: usize| self.dir.join(format!("floor-{at}.sql"));
        for (at, script) in scripts.iter().enumerate() {
            fs::write(file(at), script)?;
        }
        let mut best: f64 = 0.0;
        for clients in clients {
            // Ids of one run are not met by another's.
            let base = Uuid::now_v7().as_u128() >> 80 & 0xffff_ffff;
            let output = Command::new(self.bin.join("pgbench"))
                .args(["--no-vacuum", "--protocol=prepared", "--jobs=1"])
                .arg(format!("--client={clients}"))
                .arg(format!("--time={}", self.seconds))
                .arg(format!("--define=base={}", base * 1000))
                .arg(format!("--define=clients={clients}"))
                .arg("--define=i=0")
                .args((0..scripts.len()).map(|at| format!("--file={}", file(at).display())))
                .arg(self.url)
                .output()
                .context("pgbench")?;
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
            if !output.status.success() || complaints.contains("ERROR") {
                bail!("pgbench: {}", complaints.chars().take(3000).collect::<String>());
            }
            let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")).and_then(|rest| rest.split_whitespace().next());
            best = best.max(rate.with_context(|| said.clone())?.parse()?);
        }
        Ok(best)
    }
}
