//! Many matters out of few: the demonstration's own, with everything that hangs on them, copied by the database itself. Each copy is of
//! another unit, has a title and words of its own, and days of its own, none of them past. Ids count up, so that they are known:
//! `matter_id(n)`. Events keep the hashes of what they were copied from; nothing measured here reads those.

use crate::database::Database;
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;

/// Units of the city, after some were added.
pub const UNITS: u64 = 80;

const PLACES: &[&str] = &[
    "嵩阳",
    "少林",
    "中岳",
    "卢店",
    "大金店",
    "颍阳",
    "告成",
    "阳城",
    "大冶",
    "宣化",
    "徐庄",
    "东华",
    "白坪",
    "君召",
    "石道",
    "唐庄",
    "送表",
    "三里庄",
    "北旨",
    "书院河",
];
const TOPICS: &[&str] = &[
    "非法采砂",
    "食品安全",
    "扬尘治理",
    "河道清淤",
    "老旧小区改造",
    "欠薪清欠",
    "占道经营",
    "消防通道",
    "危房排查",
    "校园周边",
    "电动车充电",
    "秸秆焚烧",
    "土地复垦",
    "污水直排",
    "医保基金",
    "物业纠纷",
    "噪声扰民",
    "违法建设",
    "农药残留",
    "古树保护",
    "文物巡查",
    "停车秩序",
    "窨井盖",
    "燃气安全",
    "特种设备",
    "养老服务",
    "殡葬用地",
    "网络餐饮",
    "成品油",
    "交通标线",
    "公益林",
    "饮用水源",
    "固体废物",
    "招投标",
    "行政处罚",
    "信访积案",
    "涉企检查",
    "未成年人",
    "电信诈骗",
    "矛盾调解",
];

/// What the queries of the search are drawn from: two characters of a word above, common and rare ones.
pub fn pairs() -> Vec<String> {
    let of = |word: &&str| {
        let chars: Vec<char> = word.chars().collect();
        chars.windows(2).map(|pair| pair.iter().collect::<String>()).collect::<Vec<_>>()
    };
    let mut pairs: Vec<String> = PLACES.iter().chain(TOPICS).flat_map(of).collect();
    pairs.push("工作".into());
    pairs.dedup();
    pairs
}

/// The id of the n-th copy.
pub fn matter_id(n: u64) -> uuid::Uuid {
    uuid::Uuid::from_u128((0x0193_0000_0000_7000_8000_u128 << 48) | u128::from(n))
}

/// Tables whose rows go with a matter. Of a row of the k-th, the copy's id counts up with the copy.
const ATTACHED: &[&str] = &["matter_party", "holding", "handover", "clock", "ask", "event", "matter_facet"];

struct Column {
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Day,
    Instant,
    Other,
}

pub struct Cloning<'a> {
    database: &'a Database,
    postgres: bool,
    templates: u64,
}

impl<'a> Cloning<'a> {
    /// Chooses what is copied, and adds units with an officer each.
    pub fn prepare(database: &'a Database) -> Result<Self> {
        let mut cloning = Self { database, postgres: database.is_postgres(), templates: 0 };
        cloning.add_units()?;
        let id = if cloning.postgres { "uuid" } else { "blob" };
        let mut sql = String::from(
            "DROP TABLE IF EXISTS bench_unit; DROP TABLE IF EXISTS bench_map; DROP TABLE IF EXISTS bench_template; DROP TABLE IF EXISTS bench_title;",
        );
        write!(
            sql,
            "CREATE TABLE bench_unit AS SELECT row_number() OVER (ORDER BY id) - 1 AS i, id, code FROM unit
               WHERE jurisdiction_id = (SELECT id FROM jurisdiction WHERE code = 'df') AND active AND NOT linkage_office ORDER BY id LIMIT {UNITS};
             CREATE TABLE bench_map (s integer NOT NULL, from_id {id} NOT NULL, to_id {id} NOT NULL, from_code text NOT NULL, to_code text NOT NULL, PRIMARY KEY (s, from_id));
             INSERT INTO bench_map SELECT s.i, a.id, b.id, a.code, b.code FROM bench_unit s, bench_unit a JOIN bench_unit b ON true
               WHERE b.i = (a.i + s.i) % (SELECT count(*) FROM bench_unit);
             CREATE INDEX bench_map_code ON bench_map (s, from_code);
             CREATE TABLE bench_template AS SELECT row_number() OVER (ORDER BY id) - 1 AS t, id FROM matter
               WHERE kind = 'work_item' AND NOT sealed AND parent_id IS NULL AND instance_key IS NULL AND state NOT IN ('draft', 'discarded')
                 AND (NOT is_open OR limit_on > {today}) AND claim IS NULL
                 AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.matter_id = matter.id AND c.state = 'running' AND c.due_on <= {today})
                 AND NOT EXISTS (SELECT 1 FROM ask a WHERE a.matter_id = matter.id AND a.state = 'open');
             CREATE TABLE bench_title (i integer NOT NULL PRIMARY KEY, title text NOT NULL, words text NOT NULL);",
            today = if cloning.postgres { "current_date" } else { "date('now')" },
        )?;
        let mut i = 0;
        for place in PLACES {
            for topic in TOPICS {
                let title = format!("{place}片区{topic}专项工作");
                let words = shared::kernel::bigram::words(&title).join(" ");
                write!(sql, "INSERT INTO bench_title VALUES ({i}, '{title}', '{words}');")?;
                i += 1;
            }
        }
        for table in ATTACHED {
            // With a number of their own within the matter, and the number of the hand-over they belong to.
            let order = if cloning.columns(table)?.iter().any(|column| column.name == "id") { "x.id" } else { "x.matter_id" };
            write!(
                sql,
                "DROP TABLE IF EXISTS bench_{table}; CREATE TABLE bench_{table} AS SELECT x.*, row_number() OVER (PARTITION BY x.matter_id ORDER BY {order}) AS j"
            )?;
            if *table == "clock" {
                sql.push_str(", (SELECT count(*) FROM handover h WHERE h.matter_id = x.matter_id AND h.id <= x.handover_id) AS handover_j");
            }
            write!(sql, " FROM {table} x WHERE x.matter_id IN (SELECT id FROM bench_template);")?;
        }
        sql.push_str(
            "DROP TABLE IF EXISTS bench_matter; CREATE TABLE bench_matter AS SELECT x.* FROM matter x WHERE x.id IN (SELECT id FROM bench_template);",
        );
        database.run(&sql)?;
        cloning.prepare_words()?;
        cloning.templates = database.one("SELECT count(*) FROM bench_template")?.parse()?;
        if cloning.templates == 0 || database.one("SELECT count(*) FROM bench_unit")?.parse::<u64>()? != UNITS {
            bail!("the demonstration has nothing to copy");
        }
        Ok(cloning)
    }

    /// What each template is found by under each shift of units: its words, and the units that the copy is party to.
    fn prepare_words(&self) -> Result<()> {
        if self.postgres {
            return self.database.run(
                "DROP TABLE IF EXISTS bench_words;
                 CREATE TABLE bench_words AS SELECT e.t, s.i AS s,
                   array_to_tsvector(ARRAY(SELECT w.lexeme FROM unnest(x.words) w WHERE w.lexeme !~ '^(u[0-9a-f]{32}|[rsq][0-9]+)$'))
                   || array_to_tsvector(ARRAY(SELECT DISTINCT 'u' || replace(CAST(coalesce(b.to_id, p.unit_id) AS text), '-', '') FROM bench_matter_party p
                        LEFT JOIN bench_map b ON b.s = s.i AND b.from_id = p.unit_id WHERE p.matter_id = e.id)) AS words
                 FROM bench_template e JOIN matter_text x ON x.matter_id = e.id CROSS JOIN bench_unit s;
                 CREATE UNIQUE INDEX bench_words_of ON bench_words (t, s);",
            );
        }
        let sql = "SELECT e.t, x.words FROM bench_template e JOIN matter_text_row r ON r.matter_id = e.id JOIN matter_text x ON x.rowid = r.row";
        let mut own = String::from("DROP TABLE IF EXISTS bench_own; CREATE TABLE bench_own (t integer NOT NULL PRIMARY KEY, words text NOT NULL);");
        for row in self.database.rows(sql)? {
            let [t, words] = <[String; 2]>::try_from(row).ok().context("two columns")?;
            let is_unit = |word: &&str| word.len() == 33 && word.starts_with('u');
            let words: Vec<&str> = words.split(' ').filter(|word| !is_unit(word)).collect();
            write!(own, "INSERT INTO bench_own VALUES ({t}, '{}');", words.join(" ").replace('\'', "''"))?;
        }
        own.push_str(
            "DROP TABLE IF EXISTS bench_words;
             CREATE TABLE bench_words AS SELECT e.t, s.i AS s, o.words ||
               (SELECT group_concat(' u' || lower(hex(coalesce(b.to_id, p.unit_id))), '') FROM bench_matter_party p
                LEFT JOIN bench_map b ON b.s = s.i AND b.from_id = p.unit_id WHERE p.matter_id = e.id) AS words
             FROM bench_template e JOIN bench_own o ON o.t = e.t CROSS JOIN bench_unit s;
             CREATE UNIQUE INDEX bench_words_of ON bench_words (t, s);",
        );
        self.database.run(&own)
    }

    /// The demonstration has fewer units than a large city; each new one has a liaison officer with the demonstration's password.
    fn add_units(&self) -> Result<()> {
        let city = "(SELECT id FROM jurisdiction WHERE code = 'df')";
        let there: u64 =
            self.database.one(&format!("SELECT count(*) FROM unit WHERE jurisdiction_id = {city} AND active AND NOT linkage_office"))?.parse()?;
        let (unit, person) = (self.columns("unit")?, self.columns("person")?);
        let mut sql = String::new();
        for n in there..UNITS {
            let new = |columns: &[Column], changed: &[(&str, String)]| {
                let value =
                    |name: &str| changed.iter().find(|(changed, _)| *changed == name).map_or_else(|| format!("t.{name}"), |(_, value)| value.clone());
                columns.iter().map(|column| value(&column.name)).collect::<Vec<_>>().join(", ")
            };
            let (unit_id, person_id) = (self.id(0x80fe, &n.to_string()), self.id(0x80ff, &n.to_string()));
            let code = format!("'df-added-{n}'");
            let values = new(
                &unit,
                &[("id", unit_id.clone()), ("code", code), ("name", format!("'登封市第{n}单位'")), ("short_name", format!("'第{n}单位'"))],
            );
            write!(sql, "INSERT INTO unit ({}) SELECT {values} FROM unit t WHERE t.code = 'df-market';", names(&unit))?;
            let values = new(&person, &[("id", person_id), ("unit_id", unit_id), ("username", format!("'df-added-{n}.liaison_officer'"))]);
            write!(sql, "INSERT INTO person ({}) SELECT {values} FROM person t WHERE t.username = 'df-market.liaison_officer';", names(&person))?;
        }
        write!(sql, "UPDATE jurisdiction SET reference_version = reference_version + 1;")?;
        self.database.run(&sql)
    }

    fn columns(&self, table: &str) -> Result<Vec<Column>> {
        let sql = if self.postgres {
            format!(
                "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
            )
        } else {
            // SQLite keeps days and instants as texts: which is which tells the name.
            format!(
                "SELECT name, CASE WHEN name LIKE '%\\_on' ESCAPE '\\' OR name IN ('due_sort', 'refuse_until') THEN 'date' WHEN name LIKE '%\\_at' ESCAPE '\\' OR name = 'at' OR name LIKE '%\\_since' ESCAPE '\\' THEN 'timestamp' ELSE '' END FROM pragma_table_info('{table}')"
            )
        };
        let rows = self.database.rows(&sql)?;
        let column = |row: Vec<String>| {
            let [name, kind] = <[String; 2]>::try_from(row).ok()?;
            let kind = if kind == "date" {
                Kind::Day
            } else if kind.starts_with("timestamp") {
                Kind::Instant
            } else {
                Kind::Other
            };
            Some(Column { name, kind })
        };
        let columns: Vec<Column> = rows.into_iter().filter_map(column).collect();
        if columns.is_empty() {
            bail!("there is no table {table}");
        }
        Ok(columns)
    }

    /// An id whose last twelve digits count.
    fn id(&self, group: u32, number: &str) -> String {
        if self.postgres {
            format!("CAST('01930000-0000-7000-{group:04x}-' || lpad(to_hex(CAST({number} AS bigint)), 12, '0') AS uuid)")
        } else {
            format!("unhex(printf('0193000000007000{group:04x}%012x', {number}))")
        }
    }

    /// A copy's value of a column of `t`.
    fn value(&self, table: &str, group: u32, column: &Column) -> String {
        let name = column.name.as_str();
        let t = format!("t.{name}");
        match (table, name) {
            ("matter", "id") | (_, "matter_id") => return self.id(0x8000, "g.n"),
            (_, "id") => return self.id(group, "g.n * 64 + t.j"),
            ("clock", "handover_id") => {
                return format!("CASE WHEN t.handover_id IS NOT NULL THEN {} END", self.id(0x8003, "g.n * 64 + t.handover_j"));
            }
            ("matter", "number") => return "'LD-2025-WI-' || (1000000 + g.n)".into(),
            ("matter", "title") => return "b.title || '（' || g.n || '号）'".into(),
            ("matter", "body") => {
                let text = if self.postgres { "CAST(t.body AS text)" } else { "t.body" };
                let quoted = |code: &str| format!("'\"' || {code} || '\"'");
                let replaced = format!("coalesce(replace({text}, {}, {}), {text})", quoted("lead.from_code"), quoted("lead.to_code"));
                return if self.postgres { format!("CAST({replaced} AS jsonb)") } else { replaced };
            }
            ("event", "chain") => {
                let id = if self.postgres {
                    format!("CAST({} AS text)", self.id(0x8000, "g.n"))
                } else {
                    "printf('01930000-0000-7000-8000-%012x', g.n)".into()
                };
                return format!("'matter:' || {id}");
            }
            ("event", "seal_seq") => return "coalesce(t.seal_seq, 1)".into(),
            ("matter_facet", "value") => return "coalesce(lead.to_code, t.value)".into(),
            ("matter" | "matter_party", "updated_at") => {
                return if self.postgres {
                    "t.updated_at - g.n * interval '1 second'".into()
                } else {
                    "strftime('%Y-%m-%dT%H:%M:%S', t.updated_at, '-' || g.n || ' seconds') || '+00:00'".into()
                };
            }
            // What the system does by itself is spread as over days of work, none of them today.
            ("matter", "look_on") => {
                return if self.postgres {
                    "CURRENT_DATE + 2 + CAST(g.n % 180 AS integer)".into()
                } else {
                    "date('now', '+' || (2 + g.n % 180) || ' days')".into()
                };
            }
            // When a clock began stays; what is to come is spread over half a year.
            (_, "starts_on" | "main_start_on" | "rated_on") => return t,
            _ => {}
        }
        if name.ends_with("unit_id") {
            return format!("coalesce(m_{name}.to_id, {t})");
        }
        match column.kind {
            Kind::Day if self.postgres => format!("CASE WHEN {t} < DATE '9000-01-01' THEN {t} + CAST(g.n % 180 AS integer) ELSE {t} END"),
            Kind::Day => format!("CASE WHEN {t} < '9000-01-01' THEN date({t}, '+' || (g.n % 180) || ' days') ELSE {t} END"),
            Kind::Instant if name == "due_at" && self.postgres => format!("{t} + (g.n % 180) * interval '1 day'"),
            Kind::Instant if name == "due_at" => format!("strftime('%Y-%m-%dT%H:%M:%S', {t}, '+' || (g.n % 180) || ' days') || '+00:00'"),
            Kind::Instant | Kind::Other => t,
        }
    }

    fn insert(&self, table: &str, group: u32, range: &str) -> Result<String> {
        let columns = self.columns(table)?;
        let values = columns.iter().map(|column| self.value(table, group, column)).collect::<Vec<_>>().join(", ");
        let own = if table == "matter" { "id" } else { "matter_id" };
        let mut from = format!("({range}) g JOIN bench_template e ON e.t = g.t JOIN bench_{table} t ON t.{own} = e.id");
        for column in columns.iter().filter(|column| column.name.ends_with("unit_id")) {
            write!(from, " LEFT JOIN bench_map m_{0} ON m_{0}.s = g.s AND m_{0}.from_id = t.{0}", column.name)?;
        }
        match table {
            "matter" => {
                let lead = if self.postgres { "t.body ->> 'lead_unit'" } else { "json_extract(t.body, '$.lead_unit')" };
                write!(
                    from,
                    " JOIN bench_title b ON b.i = (g.n * 7919) % {} LEFT JOIN bench_map lead ON lead.s = g.s AND lead.from_code = {lead}",
                    PLACES.len() * TOPICS.len()
                )?;
            }
            "matter_facet" => from.push_str(" LEFT JOIN bench_map lead ON lead.s = g.s AND lead.from_code = t.value"),
            _ => {}
        }
        Ok(format!("INSERT INTO {table} ({}) SELECT {values} FROM {from};", names(&columns)))
    }

    fn words(&self, range: &str) -> String {
        let from =
            format!("({range}) g JOIN bench_template e ON e.t = g.t JOIN bench_title b ON b.i = (g.n * 7919) % {}", PLACES.len() * TOPICS.len());
        let id = self.id(0x8000, "g.n");
        if self.postgres {
            return format!(
                "INSERT INTO matter_text (matter_id, words) SELECT {id}, w.words || to_tsvector('simple', b.words || ' ' || g.n) ||
                   (SELECT array_to_tsvector(ARRAY['r' || s.n, 's' || s.n / 8, 'q' || s.n / 64]) FROM search_range s WHERE s.from_id <= {id} ORDER BY s.from_id DESC LIMIT 1)
                 FROM {from} JOIN bench_words w ON w.t = g.t AND w.s = g.s;"
            );
        }
        format!(
            "INSERT INTO matter_text_row (matter_id) SELECT {id} FROM {from};
             INSERT INTO matter_text (rowid, words) SELECT r.row, b.words || ' ' || g.n || ' ' || w.words FROM {from}
               JOIN bench_words w ON w.t = g.t AND w.s = g.s JOIN matter_text_row r ON r.matter_id = {id};"
        )
    }

    /// Rows of numbers, each with its template and the shift of its units.
    fn range(&self, from: u64, to: u64, template: &str, shift: &str) -> String {
        let to = to - 1;
        let numbers = if self.postgres {
            format!("SELECT n FROM generate_series(CAST({from} AS bigint), CAST({to} AS bigint)) AS x(n)")
        } else {
            format!("WITH RECURSIVE x(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM x WHERE n < {to}) SELECT n FROM x")
        };
        format!("SELECT n, {template} AS t, {shift} AS s FROM ({numbers}) AS numbers")
    }

    /// The copies `from..to`, spread over all templates and units.
    pub fn copy(&self, from: u64, to: u64) -> Result<()> {
        let template = format!("n % {}", self.templates);
        let shift = format!("(n / {}) % {UNITS}", self.templates);
        self.in_parts(from, to, &template, &shift)
    }

    /// The copies `from..to` of what was handed out and not received yet, over all units or all of one.
    pub fn copy_sent(&self, from: u64, to: u64, spread: bool) -> Result<()> {
        let sent = self.database.one("SELECT e.t FROM bench_template e JOIN matter m ON m.id = e.id WHERE m.state = 'sent' AND m.holder_unit_id IN (SELECT id FROM bench_unit) ORDER BY e.t LIMIT 1");
        let sent = sent.context("the demonstration has nothing that was sent and not received")?;
        let shift = if spread { format!("n % {UNITS}") } else { "0".into() };
        self.in_parts(from, to, &sent, &shift)
    }

    fn in_parts(&self, from: u64, to: u64, template: &str, shift: &str) -> Result<()> {
        let many = to - from > 50_000;
        let dropped = if many { self.drop_indexes()? } else { Vec::new() };
        let mut at = from;
        while at < to {
            let end = (at + 100_000).min(to);
            let range = self.range(at, end, template, shift);
            let mut sql = String::new();
            if self.postgres {
                // The rows are copies of rows that kept all rules.
                sql.push_str("SET LOCAL session_replication_role = replica; SET LOCAL work_mem = '256MB';");
                // Ranges of the search, as they begin while matters come.
                let begins = self.id(0x8000, "x.n");
                write!(
                    sql,
                    "INSERT INTO search_range (n, from_id) SELECT x.n / 4096 + 1, {begins} FROM generate_series(CAST({at} AS bigint), CAST({end} - 1 AS bigint)) AS x(n) WHERE x.n % 4096 = 1;"
                )?;
            }
            sql.push_str(&self.insert("matter", 0x8000, &range)?);
            for (k, table) in (1..).zip(ATTACHED) {
                sql.push_str(&self.insert(table, 0x8000 + k, &range)?);
            }
            sql.push_str(&self.words(&range));
            self.database.run(&sql)?;
            at = end;
        }
        if self.postgres {
            for index in dropped {
                self.database.run_alone(&format!("SET maintenance_work_mem = '1GB'; {index}"))?;
            }
            self.database.run_alone("VACUUM ANALYZE")?;
            self.database.run_alone("CHECKPOINT")?;
        }
        Ok(())
    }

    /// Building an index once is faster than a million additions to it.
    fn drop_indexes(&self) -> Result<Vec<String>> {
        if !self.postgres {
            return Ok(Vec::new());
        }
        let tables = ATTACHED.iter().copied().chain(["matter", "matter_text"]).map(|table| format!("'{table}'")).collect::<Vec<_>>().join(", ");
        let rows = self.database.rows(&format!(
            "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' AND i.tablename IN ({tables})
             AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)"
        ))?;
        let drops = rows.iter().filter_map(|row| row.first()).map(|name| format!("DROP INDEX {name};")).collect::<String>();
        self.database.run(&drops)?;
        Ok(rows.into_iter().filter_map(|row| row.into_iter().nth(1)).collect())
    }
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}
