//! The shapes of the API (DESIGN.md §7), the same types on the server and in the client.
//! Times are RFC 3339 in UTC; statutory dates are local days of the jurisdiction. Units are codes beside their short names.

use super::{
    calendar::{ClockRule, CountStep, Lamp},
    field::Choice,
    ids::*,
    kind::Pillar,
    role::{Part, Permission, Role},
    statistics::Shown,
    text::Text,
    workflow::ActionView,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

macro_rules! wire {
    ($($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name { $($body)* }
    )*};
}

macro_rules! input {
    ($($(#[$meta:meta])* pub struct $name:ident { $($body:tt)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($body)* }
    )*};
}

input! {
    pub struct LoginRequest {
        pub username: String,
        pub password: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub otp: Option<String>,
    }
    pub struct PasswordChange {
        pub current: String,
        pub new: String,
    }
    #[derive(Default)]
    pub struct LogoutRequest {
        /// End all sessions of the person.
        #[serde(default)]
        pub everywhere: bool,
    }
    /// A new matter: kept as a draft, or handed out at once with `submit`.
    #[derive(Default)]
    pub struct NewMatter {
        pub kind: String,
        #[serde(default)]
        pub title: String,
        #[serde(default)]
        pub body: Map<String, Value>,
        #[serde(default)]
        pub urgency: Option<String>,
        /// One to three when it is submitted.
        #[serde(default)]
        pub domains: Vec<String>,
        /// Code of `main_tasks`.
        #[serde(default)]
        pub main_task: Option<String>,
        /// 20 to 500 characters.
        #[serde(default)]
        pub summary: Option<String>,
        /// The author confirms that nothing in it is a state or work secret; must be true when it is submitted.
        #[serde(default)]
        pub not_secret: bool,
        #[serde(default)]
        pub submit: bool,
    }
    /// What the author changes in an editable state; absent members stay.
    pub struct MatterPatch {
        #[serde(default)]
        pub title: Option<String>,
        #[serde(default)]
        pub body: Option<Map<String, Value>>,
        #[serde(default)]
        pub urgency: Option<String>,
        #[serde(default)]
        pub domains: Option<Vec<String>>,
        /// Empty takes it back.
        #[serde(default)]
        pub main_task: Option<String>,
        /// Empty takes it back.
        #[serde(default)]
        pub summary: Option<String>,
        #[serde(default)]
        pub not_secret: Option<bool>,
    }
    pub struct NewComment {
        pub text: String,
        /// Persons mentioned; each must be able to see the matter.
        #[serde(default)]
        pub mentions: Vec<UserId>,
    }
    pub struct NewNote {
        pub text: String,
    }
    pub struct NewLink {
        pub matter: MatterId,
        /// `derived_from`, `same_subject`, `duplicates`, `evidence_for`, `precedent`.
        pub relation: String,
    }
    /// Several matters pressed at once.
    pub struct BulkAction {
        pub matters: Vec<MatterId>,
        pub action: String,
        #[serde(default)]
        pub input: Map<String, Value>,
    }
    /// An export: the query of a list, as `GET /matters` takes it.
    pub struct NewExport {
        pub query: String,
    }
    /// An answer of the person who reviews an imported row: values replace what was understood.
    #[derive(Default)]
    pub struct RowPatch {
        #[serde(default)]
        pub values: Map<String, Value>,
        /// `keep`, `skip`, `split` (one matter for each unit of a collective name), `confirm` (e.g. a date in the past).
        #[serde(default)]
        pub decision: Option<String>,
        /// What names mean, as written in the sheet: the code of a unit, or empty to leave the name out. Holds for every row of
        /// the import that writes the name so.
        #[serde(default)]
        pub names: BTreeMap<String, String>,
    }
    pub struct NewUser {
        pub username: String,
        pub name: String,
        pub unit: String,
        /// Only who may assign roles sends them.
        #[serde(default)]
        pub roles: Vec<Role>,
        /// Roles to be given by the security administrator; until then they allow nothing.
        #[serde(default)]
        pub proposed_roles: Vec<Role>,
        #[serde(default)]
        pub phone: Option<String>,
    }
    pub struct UserPatch {
        #[serde(default)]
        pub name: Option<String>,
        #[serde(default)]
        pub unit: Option<String>,
        #[serde(default)]
        pub roles: Option<Vec<Role>>,
        #[serde(default)]
        pub active: Option<bool>,
        /// Issue a new first password; the one-time codes stay.
        #[serde(default)]
        pub reset_password: bool,
        /// Forget the authenticator; the password stays. No administrator's.
        #[serde(default)]
        pub reset_totp: bool,
    }
    pub struct UnitPatch {
        #[serde(default)]
        pub name: Option<String>,
        #[serde(default)]
        pub short_name: Option<String>,
        #[serde(default)]
        pub name_en: Option<String>,
        /// Refused where its people have roles that this kind of unit doesn't.
        #[serde(default)]
        pub kind: Option<String>,
        #[serde(default)]
        pub aliases: Option<Vec<String>>,
        #[serde(default)]
        pub conference_member: Option<bool>,
        #[serde(default)]
        pub active: Option<bool>,
    }
    pub struct NewUnit {
        pub code: String,
        pub name: String,
        pub short_name: String,
        pub name_en: String,
        pub kind: String,
        #[serde(default)]
        pub aliases: Vec<String>,
        #[serde(default)]
        pub conference_member: bool,
    }
    /// 代理: acts of the deputy are recorded as on behalf of the person away.
    pub struct NewDelegation {
        pub deputy: UserId,
        pub starts_on: NaiveDate,
        pub ends_on: NaiveDate,
    }
    pub struct Feedback {
        pub text: String,
        #[serde(default)]
        pub page: Option<String>,
    }
    /// What is said to who sent feedback.
    pub struct FeedbackAnswer {
        pub text: String,
    }
    pub struct Preferences {
        #[serde(default)]
        pub locale: Option<String>,
        /// Where notices may be sent; empty takes it back.
        #[serde(default)]
        pub email: Option<String>,
        #[serde(default)]
        pub email_notices: Option<bool>,
    }
    /// A form as it is typed, before it is sent anywhere.
    pub struct FormInput {
        pub values: Map<String, Value>,
    }
    pub struct SavedViewInput {
        pub name: String,
        /// The query string of the list page.
        pub query: String,
    }
}

/// One page of a list; `next_cursor` is absent on the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next_cursor: Option<String>,
}

wire! {
    pub struct LoginResponse {
        pub access_token: String,
        /// Always `Bearer`.
        pub token_type: String,
        /// Seconds.
        pub expires_in: u64,
        pub user: Me,
    }
    pub struct UnitBrief {
        pub code: String,
        pub short_name: String,
        pub name_en: String,
    }
    pub struct UserBrief {
        pub id: UserId,
        pub name: String,
        pub unit: UnitBrief,
    }
    pub struct Me {
        pub id: UserId,
        pub username: String,
        pub name: String,
        pub unit: UnitBrief,
        pub unit_kind: String,
        pub jurisdiction: JurisdictionBrief,
        pub roles: Vec<Role>,
        pub permissions: Vec<Permission>,
        pub linkage_office: bool,
        pub must_change_password: bool,
        /// An administrator who must set up one-time codes before anything else.
        #[serde(default)]
        pub must_set_up_totp: bool,
        /// Signs in with one-time codes.
        #[serde(default)]
        pub uses_totp: bool,
        pub locale: String,
        #[serde(default)]
        pub email: Option<String>,
        #[serde(default)]
        pub email_notices: bool,
        /// The person away whose duties are done at present; unit, roles and permissions are theirs.
        #[serde(default)]
        pub on_behalf_of: Option<UserBrief>,
        /// Persons away for whom this person may act today.
        pub acting_for: Vec<UserBrief>,
        /// Kinds this person may start.
        pub can_start: Vec<String>,
        /// Local day of the jurisdiction, by the server's clock.
        pub today: NaiveDate,
    }
    pub struct JurisdictionBrief {
        pub code: String,
        pub name: String,
        pub name_en: String,
    }
    pub struct KindBrief {
        pub code: String,
        pub abbr: String,
        pub pillar: Pillar,
        pub name: Text,
        /// Changes when the declaration does.
        pub digest: String,
        /// Lists of it can be imported.
        #[serde(default)]
        pub imports: bool,
        /// It has an overview.
        #[serde(default)]
        pub overview: bool,
    }
    pub struct UnitView {
        pub id: UnitId,
        pub code: String,
        pub name: String,
        pub short_name: String,
        pub name_en: String,
        pub kind: String,
        pub aliases: Vec<String>,
        pub domains: Vec<String>,
        pub conference_member: bool,
        pub linkage_office: bool,
        pub active: bool,
    }
    pub struct UserView {
        pub id: UserId,
        pub username: String,
        pub name: String,
        pub unit: UnitBrief,
        pub roles: Vec<Role>,
        pub active: bool,
        /// For administrators only, as all below.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub must_change_password: Option<bool>,
        /// Open matters this person holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub open_matters: Option<i64>,
        /// Roles the system administrator or a list asks for; the security administrator gives them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub proposed_roles: Vec<Role>,
    }
    pub struct NewUserResponse {
        pub user: UserView,
        /// Shown once; must be changed at first sign-in.
        pub issued_password: String,
    }
    pub struct RoleView {
        pub code: Role,
        pub name: Text,
        pub permissions: Vec<Permission>,
        pub administration: bool,
    }
    /// Code lists by name.
    pub struct CodeLists {
        pub lists: BTreeMap<String, Vec<Choice>>,
    }
    /// A due date with all the words a page needs.
    pub struct DueView {
        /// Local day.
        pub date: NaiveDate,
        /// For clocks in hours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub instant: Option<DateTime<Utc>>,
        pub lamp: Lamp,
        /// Natural days left; negative: overdue by.
        pub days_left: i64,
        pub working_days_left: i64,
        /// Counted over a year without an announced calendar 暂定.
        pub provisional: bool,
    }
    /// A running time limit by its name.
    pub struct LimitView {
        pub rule: String,
        pub name: Text,
        pub due: DueView,
    }
    pub struct HolderView {
        pub unit: UnitBrief,
        #[serde(default)]
        pub person: Option<UserBrief>,
        pub since: DateTime<Utc>,
        /// Whole days since then.
        pub days: i64,
    }
    pub struct MatterItem {
        pub id: MatterId,
        pub number: Option<String>,
        pub kind: String,
        pub kind_name: Text,
        pub title: String,
        pub state: String,
        pub state_label: Text,
        pub is_open: bool,
        pub originator: UnitBrief,
        pub holder: Option<HolderView>,
        /// The actor's unit's part.
        pub part: Option<Part>,
        pub due: Option<DueView>,
        /// The due date as in the contract: local day.
        pub due_at: Option<NaiveDate>,
        pub lamp: Lamp,
        /// The running limit by which the lamp is, when that isn't the due date: the first that the actor's unit owes, or by which the
        /// matter waits for its holder.
        #[serde(default)]
        pub limit: Option<LimitView>,
        /// Completion was reported and awaits judgement: the due date stands.
        #[serde(default)]
        pub reported_at: Option<DateTime<Utc>>,
        /// Paused, with the reason's code.
        #[serde(default)]
        pub paused: Option<String>,
        /// 0 none … 3 listed.
        pub level: u8,
        pub urgency: String,
        /// When the present holder got it.
        pub received_at: Option<DateTime<Utc>>,
        pub updated_at: DateTime<Utc>,
        pub version: i64,
        /// Listed fields of the kind, by name.
        pub columns: Map<String, Value>,
        /// An ask to the actor's unit is open.
        pub asked: bool,
    }
    /// Numbers beside the boxes; each equals the length of its list.
    pub struct BoxCounts {
        pub todo: i64,
        pub overdue: i64,
        pub due_soon: i64,
        pub to_receive: i64,
        pub cc: i64,
        /// What others still owe us: open, and held by another unit.
        pub mine: i64,
        pub drafts: i64,
        pub done: i64,
        /// Open matters visible to the actor, by kind.
        pub open_by_kind: BTreeMap<String, i64>,
        pub unread_notices: i64,
    }
    pub struct PartyView {
        pub unit: UnitBrief,
        pub parts: Vec<Part>,
        #[serde(default)]
        pub person: Option<UserBrief>,
        /// Whole days this unit held the matter.
        pub held_days: i64,
    }
    pub struct ClockView {
        pub id: ClockId,
        pub rule: String,
        pub name: Text,
        /// `statutory` / `agreed` limits of the matter, `holder` for a hand-over.
        pub purpose: String,
        /// The matter's due date is this clock's.
        pub main: bool,
        /// `running`, `paused`, `reported` (stands while completion awaits judgement), `replaced` (another day took its place), `stopped`.
        pub state: String,
        pub unit: Option<UnitBrief>,
        pub starts_on: NaiveDate,
        pub due: DueView,
        #[serde(default)]
        pub stopped_at: Option<DateTime<Utc>>,
        /// Whether what it was for was done on or before the due date; none while that is open, or when it was taken back.
        #[serde(default)]
        pub met: Option<bool>,
    }
    /// The computation of a due date, step by step, with the rule it follows.
    pub struct ClockExplanation {
        pub clock: ClockView,
        pub steps: Vec<CountStep>,
        /// The same steps as sentences.
        pub sentences: Vec<Text>,
        pub calendar_edition: String,
        pub rule: ClockRule,
    }
    pub struct HandoverView {
        pub id: HandoverId,
        pub from: UnitBrief,
        pub to: UnitBrief,
        /// `sent`, `received`, `refused`, `recalled`, `ruled`.
        pub state: String,
        pub sent_at: DateTime<Utc>,
        #[serde(default)]
        pub ended_at: Option<DateTime<Utc>>,
        pub refusable: bool,
        #[serde(default)]
        pub reason_code: Option<String>,
        #[serde(default)]
        pub reason_text: Option<String>,
        #[serde(default)]
        pub suggested_unit: Option<UnitBrief>,
    }
    pub struct AskView {
        pub id: AskId,
        pub unit: UnitBrief,
        pub action: String,
        /// `open`, `answered`, `declined`, `lapsed` (silent until its day), `withdrawn` (no longer asked).
        pub state: String,
        pub due: Option<DueView>,
        #[serde(default)]
        pub answer: Option<Map<String, Value>>,
        #[serde(default)]
        pub answered_at: Option<DateTime<Utc>>,
        #[serde(default)]
        pub answered_by: Option<String>,
    }
    /// What a matter's children were until a change, or are now.
    pub struct EditionView {
        /// From 1.
        pub edition: i64,
        /// The local day on which it was replaced; none: it is in force.
        #[serde(default)]
        pub kept_on: Option<NaiveDate>,
        pub tasks: Vec<EditionTask>,
    }
    pub struct EditionTask {
        pub number: String,
        pub title: String,
        /// Code of the unit that leads.
        #[serde(default)]
        pub unit: Option<String>,
        /// Local day.
        #[serde(default)]
        pub due: Option<NaiveDate>,
    }
    pub struct LinkView {
        pub relation: String,
        pub matter: MatterItem,
        /// The other matter points here.
        pub inbound: bool,
    }
    /// A ruling on a similar matter, shown where one routes.
    pub struct PrecedentView {
        pub unit: UnitBrief,
        pub grounds: String,
        pub title: String,
        pub number: Option<String>,
        pub ruled_at: DateTime<Utc>,
    }
    pub struct ExtensionView {
        pub new_due: NaiveDate,
        pub reason_code: String,
        pub reason_text: String,
        pub asked_at: DateTime<Utc>,
    }
    pub struct MatterDetail {
        #[serde(flatten)]
        pub item: MatterItem,
        pub body: Map<String, Value>,
        /// Names of the persons that the body names, by their id.
        #[serde(default)]
        pub named: BTreeMap<String, String>,
        pub domains: Vec<String>,
        #[serde(default)]
        pub main_task: Option<String>,
        #[serde(default)]
        pub summary: Option<String>,
        #[serde(default)]
        pub not_secret: bool,
        pub parties: Vec<PartyView>,
        pub clocks: Vec<ClockView>,
        pub handovers: Vec<HandoverView>,
        pub asks: Vec<AskView>,
        /// The first of them; `GET /matters/{id}/links` has all, page by page.
        pub links: Vec<LinkView>,
        pub links_total: i64,
        /// The first of them; `GET /matters?parent=` has all, page by page.
        pub children: Vec<MatterItem>,
        pub children_total: i64,
        pub actions: Vec<ActionView>,
        #[serde(default)]
        pub extension: Option<ExtensionView>,
        pub precedents: Vec<PrecedentView>,
        /// The body may be edited by the actor.
        pub editable: bool,
        /// The actor's unit is a party: it may comment and link; who only observes may not.
        #[serde(default)]
        pub is_party: bool,
        /// The actor's unit works on the matter or watches over it: it may bring files; who was sent a copy may not.
        #[serde(default)]
        pub participates: bool,
        pub watching: bool,
        pub created_by: UserBrief,
        pub created_at: DateTime<Utc>,
        pub event_count: i64,
        pub attachment_count: i64,
    }
    pub struct EventView {
        pub id: EventId,
        /// Place in the matter's chain, from 1.
        pub seq: i64,
        pub at: DateTime<Utc>,
        pub action: String,
        pub label: Text,
        #[serde(default)]
        pub person: Option<String>,
        #[serde(default)]
        pub unit: Option<UnitBrief>,
        /// The person away, when it was done by delegation.
        #[serde(default)]
        pub on_behalf_of: Option<String>,
        pub from_state: Option<Text>,
        pub to_state: Option<Text>,
        /// The step's input, labelled by the kind's fields.
        pub details: Vec<EventDetail>,
        /// SM3, hexadecimal.
        pub hash: String,
    }
    pub struct EventDetail {
        pub label: Text,
        pub value: Value,
        /// Input type of the field, so that the client can format it.
        pub input: Option<super::field::Input>,
    }
    pub struct AttachmentView {
        pub id: AttachmentId,
        pub name: String,
        pub media_type: String,
        /// Bytes.
        pub size: i64,
        /// SM3, hexadecimal.
        pub digest: String,
        pub uploaded_by: String,
        pub unit: UnitBrief,
        pub at: DateTime<Utc>,
    }
    /// An official paper rendered from a matter.
    pub struct DocumentView {
        pub id: String,
        pub number: Option<String>,
        pub title: Text,
        pub at: DateTime<Utc>,
    }
    pub struct CommentView {
        pub id: EventId,
        pub text: String,
        pub person: String,
        pub unit: UnitBrief,
        pub at: DateTime<Utc>,
    }
    pub struct NoticeView {
        pub id: NoticeId,
        /// A key of the message catalogue.
        pub kind: String,
        pub text: Text,
        pub matter: Option<MatterId>,
        pub matter_title: Option<String>,
        pub at: DateTime<Utc>,
        pub read: bool,
    }
    /// A form somebody began and has not sent: whose key says which form, whose values are as typed.
    pub struct FormView {
        pub key: String,
        pub values: Map<String, Value>,
        pub at: Option<DateTime<Utc>>,
    }
    /// A message of the outbox.
    pub struct LetterView {
        pub id: String,
        pub topic: String,
        /// `pending`, `delivered`, `dead`.
        pub state: String,
        pub attempts: i64,
        pub created_at: DateTime<Utc>,
        /// When it is tried next.
        pub next_at: Option<DateTime<Utc>>,
        pub last_error: Option<String>,
    }
    /// Who can see a matter, and why (N21).
    pub struct AccessEntry {
        pub user: UserBrief,
        pub reasons: Vec<Text>,
    }
    pub struct BulkOutcome {
        pub matter: MatterId,
        pub ok: bool,
        #[serde(default)]
        pub code: Option<String>,
        #[serde(default)]
        pub detail: Option<String>,
    }
    pub struct ImportCounts {
        pub accepted: i64,
        pub decide: i64,
        pub refused: i64,
        pub present: i64,
    }
    #[derive(Default)]
    pub struct ImportProblem {
        pub field: String,
        pub code: String,
        #[serde(default)]
        pub detail: Option<String>,
        pub text: Text,
        /// The sentence of `text` by its own code, finer than `code`, and what it was filled with.
        #[serde(default)]
        pub reason: String,
        #[serde(default)]
        pub arguments: Vec<Text>,
        /// The name in the cell that is in question; answered with `names`, otherwise with `values`.
        #[serde(default)]
        pub name: Option<String>,
        /// Answers to choose from, the likeliest first.
        #[serde(default)]
        pub candidates: Vec<ImportCandidate>,
    }
    /// A date or the code of a unit.
    pub struct ImportCandidate {
        pub value: String,
        pub label: Text,
    }
    /// How a cell was understood: the rule that was applied by its code, what it was applied to, and both in words.
    pub struct ImportExplanation {
        /// Empty where it is about the row.
        pub field: String,
        pub code: String,
        pub arguments: Vec<Text>,
        pub text: Text,
    }
    pub struct ImportRow {
        pub sheet: String,
        /// Row number as the spreadsheet shows it, from 1.
        pub row: i64,
        /// `accepted`, `decide`, `refused`, `present`, `skipped`. What was written stays `accepted`, with its `matters`.
        pub verdict: String,
        pub values: Map<String, Value>,
        /// The cells as written, by field.
        pub source: BTreeMap<String, String>,
        /// How cells were understood.
        pub understood: Vec<ImportExplanation>,
        pub problems: Vec<ImportProblem>,
        /// Decisions this row can take.
        pub options: Vec<String>,
        #[serde(default)]
        pub decision: Option<String>,
        #[serde(default)]
        pub group: Option<String>,
        /// How many matters it becomes, or became: several when a name of many units is split, none unless it is accepted.
        #[serde(default)]
        pub makes: i64,
        /// The matters it became.
        #[serde(default)]
        pub matters: Vec<MatterId>,
    }
    pub struct ImportView {
        pub id: ImportId,
        pub kind: String,
        pub file_name: String,
        /// `preview`, `committed`.
        pub state: String,
        /// Where tables were found: sheet and header row.
        pub tables: Vec<ImportTable>,
        pub counts: ImportCounts,
        /// None in a list, and while the rows are being written.
        pub rows: Vec<ImportRow>,
        pub at: DateTime<Utc>,
        /// While the rows are being written: how many are. Known to the server that writes them; another one shows a `preview` until all are.
        #[serde(default)]
        pub progress: Option<Progress>,
    }
    /// How far long work has come. `total` is 0 until it is known.
    #[derive(Copy, Default)]
    pub struct Progress {
        pub done: i64,
        pub total: i64,
    }
    /// An export that runs by itself and is kept for a day.
    pub struct ExportView {
        pub id: ExportId,
        pub kind: String,
        /// The filters it was asked for with, as a query string.
        pub query: String,
        /// `running`, `done`, `failed`.
        pub state: String,
        pub progress: Progress,
        /// Why it failed: a code of the catalogue of problems, or `interrupted` when the server stopped meanwhile.
        #[serde(default)]
        pub problem: Option<String>,
        /// Bytes of the file.
        #[serde(default)]
        pub size: Option<i64>,
        pub at: DateTime<Utc>,
        #[serde(default)]
        pub ended_at: Option<DateTime<Utc>>,
        /// It is found until then.
        pub expires_at: DateTime<Utc>,
    }
    pub struct ImportTable {
        pub sheet: String,
        pub header_row: i64,
        /// Headings that were not understood.
        pub unknown_columns: Vec<String>,
        /// What stands above the header.
        #[serde(default)]
        pub title: Option<String>,
        /// Fields that have a column.
        #[serde(default)]
        pub columns: Vec<String>,
    }
    pub struct CommitOutcome {
        pub created: i64,
        pub present: i64,
        pub matters: Vec<MatterId>,
    }
    /// What a list of units or people has set up.
    pub struct SetupOutcome {
        pub created: i64,
        pub present: i64,
        pub refused: i64,
        /// Codes of the units created.
        pub units: Vec<String>,
        /// People created, each with a first password that is shown here and nowhere else.
        pub people: Vec<IssuedPassword>,
    }
    pub struct IssuedPassword {
        /// Row of the spreadsheet.
        pub row: i64,
        pub username: String,
        pub name: String,
        pub unit: String,
        pub roles: Vec<Role>,
        /// Must be changed at first sign-in.
        pub issued_password: String,
    }
    pub struct SearchHit {
        pub item: MatterItem,
        /// Where it was found, with `<mark>`-free ranges: character start and length.
        pub snippet: String,
        pub marks: Vec<(u32, u32)>,
    }
    /// One figure n of m; `query` is the list page's filter that shows exactly these matters.
    pub struct Figure {
        pub n: i64,
        #[serde(default)]
        pub m: Option<i64>,
        pub query: String,
        /// The list of the `m`, where it is of the same kind.
        #[serde(default)]
        pub m_query: Option<String>,
    }
    pub struct UnitFigure {
        pub unit: UnitBrief,
        pub open: Figure,
        pub overdue: Figure,
        /// None where nothing is handed over.
        #[serde(default)]
        pub to_receive: Option<Figure>,
        /// Days the longest one is late.
        pub longest_days: i64,
    }
    pub struct GroupFigure {
        pub key: String,
        pub label: Text,
        pub open: Figure,
        pub closed: Figure,
        pub overdue: Figure,
    }
    /// A kind's matters by the values of a facet, as its declaration wants them shown.
    pub struct Grouped {
        pub field: String,
        pub title: Text,
        #[serde(default)]
        pub note: Option<Text>,
        /// What a value is called.
        pub heading: Text,
        pub shown: Shown,
        pub groups: Vec<GroupFigure>,
    }
    /// Matters in a state in which the linkage office has to act.
    pub struct DutyFigure {
        pub state: String,
        pub label: Text,
        pub figure: Figure,
    }
    /// The linkage office's one page about the matters of a kind.
    pub struct Overview {
        pub kind: String,
        pub as_of: DateTime<Utc>,
        pub open: Figure,
        pub overdue: Figure,
        pub overdue_units: i64,
        pub due_soon: Figure,
        pub on_time: Figure,
        pub duties: Vec<DutyFigure>,
        pub to_approve: Figure,
        pub receipt_overdue: Figure,
        /// Closed since the year began (domain.md §8.3, as the two below).
        pub closed: Figure,
        pub reworked: Figure,
        pub extended: Figure,
        /// By whom overdue matters wait.
        pub waiting_for: Vec<UnitFigure>,
        pub by_unit: Vec<UnitFigure>,
        pub by_state: Vec<GroupFigure>,
        /// By what the kind declares, in its order.
        pub grouped: Vec<Grouped>,
    }
    pub struct AuditEntry {
        pub id: EventId,
        pub at: DateTime<Utc>,
        /// The chain's subject: a matter number, or an administrative subject.
        pub subject: String,
        pub matter: Option<MatterId>,
        pub action: String,
        pub label: Text,
        pub person: Option<String>,
        pub unit: Option<UnitBrief>,
        pub on_behalf_of: Option<String>,
        pub address: Option<String>,
        pub hash: String,
        pub sealed: bool,
    }
    /// Of one city.
    pub struct ChainState {
        pub events: i64,
        pub unsealed: i64,
        pub seals: i64,
        pub last_seal_at: Option<DateTime<Utc>>,
        pub last_root: Option<String>,
        /// `None` when the last verification found nothing wrong.
        pub fault: Option<String>,
    }
    /// A signed root over the events of a minute, tied to the seal before it.
    pub struct SealView {
        pub seq: i64,
        pub at: DateTime<Utc>,
        /// How many events of the reader's city it covers.
        pub events: i64,
        pub root: String,
        /// The root of the seal before; empty for the first.
        pub previous: String,
        /// ed25519, hexadecimal.
        pub signature: String,
    }
    pub struct CalendarYear {
        pub year: i32,
        pub announced: bool,
        pub working_days: i64,
        pub holidays: Vec<CalendarDay>,
        pub make_up_workdays: Vec<CalendarDay>,
    }
    pub struct CalendarDay {
        pub date: NaiveDate,
        pub name: String,
    }
    pub struct CalendarView {
        pub edition: String,
        pub years: Vec<CalendarYear>,
    }
    pub struct EditionPreview {
        pub id: String,
        pub edition: String,
        /// `previewed`, `applied`, `undone`.
        pub state: String,
        pub moves: Vec<DueMove>,
    }
    pub struct DueMove {
        pub matter: MatterId,
        pub number: Option<String>,
        pub title: String,
        pub holder: Option<UnitBrief>,
        pub rule: Text,
        pub old_due: NaiveDate,
        pub new_due: NaiveDate,
    }
    pub struct Violation {
        pub invariant: String,
        pub matter: Option<MatterId>,
        pub number: Option<String>,
        pub text: Text,
    }
    pub struct ConservationReport {
        pub checked: i64,
        pub as_of: DateTime<Utc>,
        pub violations: Vec<Violation>,
    }
    pub struct DelegationView {
        pub id: String,
        pub person: UserBrief,
        pub deputy: UserBrief,
        pub starts_on: NaiveDate,
        pub ends_on: NaiveDate,
        pub active: bool,
    }
    pub struct FeedbackView {
        pub id: String,
        pub person: UserBrief,
        pub text: String,
        /// Where it was written.
        pub page: Option<String>,
        pub at: DateTime<Utc>,
        /// `open`, `answered`.
        pub state: String,
        pub answer: Option<String>,
        pub answered_by: Option<String>,
        pub answered_at: Option<DateTime<Utc>>,
    }
    pub struct SavedView {
        pub id: String,
        pub name: String,
        pub query: String,
    }
    pub struct SessionView {
        pub id: String,
        pub started_at: DateTime<Utc>,
        pub last_used_at: DateTime<Utc>,
        pub address: Option<String>,
        pub agent: Option<String>,
        pub current: bool,
    }
}

impl SetupOutcome {
    /// Counts one entry by its verdict.
    pub fn count(&mut self, row: &ImportRow) {
        match row.verdict.as_str() {
            "accepted" => self.created += 1,
            "present" => self.present += 1,
            _ => self.refused += 1,
        }
    }

    pub fn add(&mut self, other: Self) {
        self.created += other.created;
        self.present += other.present;
        self.refused += other.refused;
        self.units.extend(other.units);
        self.people.extend(other.people);
    }
}
