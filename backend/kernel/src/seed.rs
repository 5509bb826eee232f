//! Filling an installation: jurisdictions, units and first people from the command line, and the demonstration's past, which
//! is made by the same steps people take, with the clock moved.

use crate::{
    audit::{self, Author},
    auth,
    db::statement,
    entity::{jurisdiction, matter, person},
    error::{Error, Result},
    jobs,
    matter::{apply, attach, create},
    people,
    reference::Reference,
    scope::{Actor, roles_of},
    state::App,
    transaction::Transaction,
};
use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, Set};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::kernel::{
    api::{NewMatter, NewUnit, NewUser},
    role::Role,
};
use std::sync::Arc;
use uuid::Uuid;

/// A unit as `units.json` lists it.
#[derive(Debug, Clone, Deserialize)]
pub struct SeedUnit {
    pub code: String,
    pub name: String,
    pub short_name: String,
    pub name_en: String,
    pub kind: String,
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(default)]
    pub domains: Vec<String>,
    #[serde(default)]
    pub conference_member: bool,
    pub document_code: Option<String>,
    pub parent: Option<String>,
    pub hosts: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct SeedCity {
    pub code: String,
    pub name: String,
    pub name_en: String,
    pub time_zone: String,
}

/// A problem of one entry, in words for the command line.
pub(crate) fn named(what: &str, error: Error) -> Error {
    let Error::Problem(problem) = error else { return error };
    let fields: Vec<String> = problem.errors.iter().map(|fault| format!("{} ({})", fault.pointer.trim_start_matches('/'), fault.code)).collect();
    let detail = problem.detail.map(|detail| format!(" {detail}")).unwrap_or_default();
    Error::Startup(format!("{what}: {}{detail} {}", problem.code.message().en, fields.join(", ")).trim_end().to_owned())
}

pub struct Seeder {
    pub app: Arc<App>,
    /// One hash for all people of a demonstration: hashing five hundred passwords would take a minute.
    demo_hash: Option<String>,
}

impl Seeder {
    pub fn new(app: Arc<App>) -> Self {
        Self { app, demo_hash: None }
    }

    /// Whether nothing is there yet.
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(jurisdiction::Entity::find().count(self.app.db.read()).await? == 0)
    }

    /// A city with its units: both or neither.
    pub async fn city(&self, city: &SeedCity, units: &[SeedUnit]) -> Result<Uuid> {
        let row = jurisdiction::Model {
            id: crate::ids::next(),
            code: city.code.clone(),
            name: city.name.clone(),
            name_en: city.name_en.clone(),
            time_zone: city.time_zone.clone(),
            reference_version: 0,
        };
        let id = row.id;
        // Codes of units begin with it.
        let code_valid = (2..=12).contains(&city.code.len()) && city.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !code_valid {
            return Err(Error::Startup(format!("the code {} is not 2 to 12 small letters, digits and hyphens", city.code)));
        }
        let taken = jurisdiction::Entity::find().filter(jurisdiction::Column::Code.eq(&city.code)).one(self.app.db.read()).await?;
        if taken.is_some() {
            return Err(Error::Startup(format!("there is a jurisdiction {} already", city.code)));
        }
        let transaction = self.app.db.begin().await?;
        row.into_active_model().insert(&transaction).await?;
        let entry = Author::CommandLine(id).entry("jurisdiction_created", self.app.time.now(), json!({ "code": city.code }));
        audit::administrative_entry(&transaction, entry, &id.to_string()).await?;
        self.units(&transaction, id, units).await?;
        self.app.db.commit(transaction).await?;
        Ok(id)
    }

    pub async fn city_id(&self, code: &str) -> Result<Uuid> {
        let row = jurisdiction::Entity::find().filter(jurisdiction::Column::Code.eq(code)).one(self.app.db.read()).await?;
        row.map(|row| row.id).ok_or_else(|| Error::Startup(format!("there is no jurisdiction {code}")))
    }

    /// The city named, or the only one there is.
    pub async fn city_or_only(&self, code: Option<&str>) -> Result<Uuid> {
        if let Some(code) = code {
            return self.city_id(code).await;
        }
        let all = jurisdiction::Entity::find().all(self.app.db.read()).await?;
        match all.as_slice() {
            [only] => Ok(only.id),
            [] => Err(Error::Startup("there is no jurisdiction: create one with `liandong admin create-jurisdiction`".into())),
            several => {
                let codes: Vec<&str> = several.iter().map(|city| city.code.as_str()).collect();
                Err(Error::Startup(format!("name one of the jurisdictions with --jurisdiction: {}", codes.join(", "))))
            }
        }
    }

    async fn units(&self, transaction: &Transaction, city: Uuid, units: &[SeedUnit]) -> Result<()> {
        for unit in units {
            let new = NewUnit {
                code: unit.code.clone(),
                name: unit.name.clone(),
                short_name: unit.short_name.clone(),
                name_en: unit.name_en.clone(),
                kind: unit.kind.clone(),
                aliases: unit.aliases.clone(),
                conference_member: unit.conference_member,
            };
            let mut row = crate::units::row(&self.app, city, new).map_err(|error| named(&unit.code, error))?;
            row.parent_code.clone_from(&unit.parent);
            row.domains = json!(unit.domains);
            row.linkage_office = unit.hosts.as_deref() == Some("linkage_office");
            row.document_code.clone_from(&unit.document_code);
            crate::units::insert(transaction, &self.app, Author::CommandLine(city), row).await.map_err(|error| named(&unit.code, error))?;
        }
        Reference::changed(transaction, city).await
    }

    /// A person; `password` none: one is issued and must be changed, and is given back.
    pub async fn person(
        &mut self,
        city: Uuid,
        unit_code: &str,
        username: &str,
        name: &str,
        roles: &[Role],
        password: Option<&str>,
    ) -> Result<Option<String>> {
        let reference = self.app.reference(city).await?;
        let unit = reference.unit_by_code(unit_code).ok_or_else(|| Error::Startup(format!("there is no unit {unit_code}")))?;
        let (hash, issued) = match (password, &self.demo_hash) {
            (Some(_), Some(hash)) => (hash.clone(), None),
            (Some(password), None) => (self.demo_hash.insert(auth::hash_password(password)?).clone(), None),
            (None, _) => {
                let issued = auth::issued_password();
                (auth::hash_password(&issued)?, Some(issued))
            }
        };
        let new = NewUser {
            username: username.to_owned(),
            name: name.to_owned(),
            unit: unit_code.to_owned(),
            roles: roles.to_vec(),
            proposed_roles: Vec::new(),
            phone: None,
        };
        let mut row = people::person_row(&self.app, unit, &new, hash).map_err(|error| named(username, error))?;
        row.must_change_password = issued.is_some();
        let transaction = self.app.db.begin().await?;
        people::insert_person(&transaction, Author::CommandLine(city), unit_code, &row).await.map_err(|error| named(username, error))?;
        Reference::changed(&transaction, city).await?;
        self.app.db.commit(transaction).await?;
        Ok(issued)
    }

    /// A new first password for an administrator, and with `codes` no authenticator: what no administrator may do to another alone.
    pub async fn reset(&self, username: &str, codes: bool) -> Result<String> {
        let id = self.actor(username).await?.person_id();
        let issued = auth::issued_password();
        let hash = auth::hashed(&issued).await?;
        let transaction = self.app.db.begin().await?;
        let person = people::locked(&transaction, id).await?.ok_or_else(Error::not_found)?;
        let city = person.jurisdiction_id;
        let mut row = person.into_active_model();
        row.password_hash = Set(hash);
        row.must_change_password = Set(true);
        if codes {
            row.totp_secret = Set(None);
            row.totp_confirmed = Set(false);
            row.totp_pending = Set(None);
            row.totp_step = Set(None);
        }
        row.update(&transaction).await?;
        auth::end_sessions(&transaction, &self.app, id, auth::Sessions::All).await?;
        let payload = json!({ "username": username, "password_reset": true, "totp_reset": codes });
        let entry = Author::CommandLine(city).entry("user_changed", self.app.time.now(), payload);
        audit::administrative_entry(&transaction, entry, &id.to_string()).await?;
        self.app.db.commit(transaction).await?;
        Ok(issued)
    }

    /// An actor for a person, as a sign-in would make.
    pub async fn actor(&self, username: &str) -> Result<Actor> {
        let person = person::Entity::find()
            .filter(person::Column::Username.eq(username))
            .one(self.app.db.read())
            .await?
            .ok_or_else(|| Error::Startup(format!("there is no user {username}")))?;
        let reference = self.app.reference(person.jurisdiction_id).await?;
        let unit = reference.unit(person.unit_id).ok_or_else(|| Error::Startup(format!("{username} has no unit")))?;
        Ok(Actor {
            roles: roles_of(&person),
            unit_id: unit.id,
            unit_code: unit.code.clone(),
            unit_kind: unit.kind.clone(),
            linkage_office: unit.linkage_office,
            jurisdiction_id: person.jurisdiction_id,
            session_id: Uuid::nil(),
            address: None,
            on_behalf_of: None,
            person,
        })
    }

    pub fn set_time(&self, instant: DateTime<Utc>) {
        self.app.time.set(instant);
    }

    /// Creates and hands out a matter; gives its id.
    pub async fn submit(&self, actor: &Actor, new: NewMatter) -> Result<Uuid> {
        let reference = self.app.reference(actor.jurisdiction_id).await?;
        create::create(&self.app, &reference, actor, new).await
    }

    pub async fn act(&self, actor: &Actor, id: Uuid, action: &str, input: Value) -> Result<()> {
        let reference = self.app.reference(actor.jurisdiction_id).await?;
        let input = input.as_object().cloned().unwrap_or_default();
        apply::apply(&self.app, &reference, actor, apply::Asked { matter: id, action, input: &input, version: None }).await?;
        Ok(())
    }

    /// A small text file as evidence.
    pub async fn attach(&self, actor: &Actor, id: Uuid, name: &str, text: &str) -> Result<()> {
        let content = futures_util::stream::iter([Ok(actix_web::web::Bytes::copy_from_slice(text.as_bytes()))]);
        let stored = self.app.blobs.take(content, |_| ()).await?;
        let reference = self.app.reference(actor.jurisdiction_id).await?;
        attach::attach(&self.app, &reference, actor, id, stored, name.to_owned(), "text/plain; charset=utf-8").await?;
        Ok(())
    }

    /// The children of a matter, in the order they were made.
    pub async fn children(&self, id: Uuid) -> Result<Vec<Uuid>> {
        let rows = matter::Entity::find().filter(matter::Column::ParentId.eq(id)).order_by_asc(matter::Column::Id).all(self.app.db.read()).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// The number of a matter, by which a list's change names it.
    pub async fn number(&self, id: Uuid) -> Result<String> {
        let row = matter::Entity::find_by_id(id).one(self.app.db.read()).await?.ok_or_else(Error::not_found)?;
        Ok(row.number.unwrap_or_default())
    }

    /// People have read what they were told before a day.
    pub async fn notices_read(&self, before: DateTime<Utc>) -> Result<()> {
        let transaction = self.app.db.begin().await?;
        let sql = "UPDATE notice SET read_at = created_at WHERE created_at < ? AND read_at IS NULL";
        transaction.execute_raw(statement(self.app.db.backend(), sql, vec![before.into()])).await?;
        self.app.db.commit(transaction).await
    }

    /// Runs the jobs once, as the clock would have.
    pub async fn sweep(&self) {
        jobs::sweep(&self.app).await;
    }

    /// The person named by a user name, as a matter's input wants it.
    pub async fn person_id(&self, username: &str) -> Result<String> {
        Ok(self.actor(username).await?.person_id().to_string())
    }

    /// Open matters held, for the start-up message.
    pub async fn matters(&self) -> Result<u64> {
        Ok(matter::Entity::find().count(self.app.db.read()).await?)
    }
}
