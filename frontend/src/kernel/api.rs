//! The way to the server: one `fetch`, the access token in memory, one refresh at a time, problems as values.
//! Pages don't call this from their markup; they use the hooks beside it.

use super::storage;
use js_sys::Promise;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use shared::kernel::{
    problem::{Code, FieldError, ProblemBody},
    text::Lang,
};
use std::{cell::RefCell, collections::HashMap};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortSignal, Blob, FormData, Headers, RequestCredentials, RequestInit, Response};
use yew::Callback;

const BASE: &str = "/api/v1";
const OFFLINE: &str = "client.offline";
const UNREADABLE: &str = "client.unreadable";
const ABORTED: &str = "client.aborted";

/// Why a call failed. `status` is 0 when no answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    pub problem: ProblemBody,
}

impl ApiError {
    fn own(code: &str, status: u16) -> Self {
        let problem = ProblemBody {
            kind: "about:blank".into(),
            title: String::new(),
            status,
            code: code.into(),
            detail: None,
            errors: Vec::new(),
            request_id: String::new(),
        };
        Self { problem }
    }
    pub fn offline() -> Self {
        Self::own(OFFLINE, 0)
    }
    /// Something came, but not what was asked for.
    pub fn unreadable() -> Self {
        Self::own(UNREADABLE, 0)
    }
    pub fn is_offline(&self) -> bool {
        self.problem.code == OFFLINE
    }
    /// The page was left before the answer came: nothing to show.
    pub fn is_aborted(&self) -> bool {
        self.problem.code == ABORTED
    }
    pub fn is(&self, code: Code) -> bool {
        self.problem.code == code.as_str()
    }
    pub fn status(&self) -> u16 {
        self.problem.status
    }
    pub fn errors(&self) -> &[FieldError] {
        &self.problem.errors
    }
    /// The sentence for a person; never the server's own text.
    pub fn words(&self, lang: Lang) -> String {
        use shared::kernel::messages as m;
        let at = |pointers: &[&str]| self.errors().iter().any(|error| pointers.contains(&error.pointer.as_str()));
        match Code::parse(&self.problem.code) {
            Some(Code::CredentialsInvalid) if at(&["/current", "/password"]) => m::CODES_PASSWORD_WRONG.in_lang(lang).to_owned(),
            Some(Code::CredentialsInvalid) if at(&["/otp"]) => m::CODES_WRONG.in_lang(lang).to_owned(),
            Some(code) => code.message().in_lang(lang).to_owned(),
            None if self.is_offline() => m::OFFLINE_WORDS.in_lang(lang).to_owned(),
            None if self.status() >= 500 => Code::Unavailable.message().in_lang(lang).to_owned(),
            None => m::UNREADABLE_WORDS.in_lang(lang).to_owned(),
        }
    }
}

pub type Answer<T> = Result<T, ApiError>;

thread_local! {
    static TOKEN: RefCell<Option<String>> = const { RefCell::new(None) };
    static ACTING_FOR: RefCell<Option<String>> = const { RefCell::new(None) };
    static REFRESH: RefCell<Option<Promise>> = const { RefCell::new(None) };
    static SIGNED_OUT: RefCell<Option<Callback<()>>> = const { RefCell::new(None) };
    /// Idempotency keys of calls whose outcome is unknown: the same call again is the same call.
    static PENDING: RefCell<HashMap<String, String>> = RefCell::new(HashMap::new());
}

pub fn set_token(token: Option<String>) {
    TOKEN.with(|cell| *cell.borrow_mut() = token);
}

/// Whose duties are done from now on; `None`: one's own.
pub fn set_acting_for(person: Option<String>) {
    ACTING_FOR.with(|cell| *cell.borrow_mut() = person);
}

/// Who is told when the session can't be renewed.
pub fn on_signed_out(callback: Callback<()>) {
    SIGNED_OUT.with(|cell| *cell.borrow_mut() = Some(callback));
}

fn random_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

enum Body {
    None,
    Json(String),
    Form(FormData),
}

struct Call<'a> {
    method: &'a str,
    path: &'a str,
    body: &'a Body,
    version: Option<i64>,
    key: Option<&'a str>,
    signal: Option<&'a AbortSignal>,
}

async fn fetch(call: &Call<'_>) -> Answer<Response> {
    let init = RequestInit::new();
    init.set_method(call.method);
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_signal(call.signal);
    let broken = |_: JsValue| ApiError::own(UNREADABLE, 0);
    let headers = Headers::new().map_err(broken)?;
    headers.set("X-Requested-With", "liandong").map_err(broken)?;
    headers.set("Accept", "application/json").map_err(broken)?;
    if let Some(token) = TOKEN.with(|cell| cell.borrow().clone()) {
        headers.set("Authorization", &format!("Bearer {token}")).map_err(broken)?;
    }
    // One's own account stays one's own, whoever's duties are done.
    let personal = call.path.starts_with("/auth/") || call.path.starts_with("/me/");
    if let Some(person) = ACTING_FOR.with(|cell| cell.borrow().clone()).filter(|_| !personal) {
        headers.set("X-On-Behalf-Of", &person).map_err(broken)?;
    }
    if let Some(version) = call.version {
        headers.set("If-Match", &format!("\"{version}\"")).map_err(broken)?;
    }
    if let Some(key) = call.key {
        headers.set("Idempotency-Key", key).map_err(broken)?;
    }
    match call.body {
        Body::None => {}
        Body::Json(text) => {
            headers.set("Content-Type", "application/json").map_err(broken)?;
            init.set_body(&JsValue::from_str(text));
        }
        Body::Form(form) => init.set_body(form),
    }
    init.set_headers(&headers);
    let window = web_sys::window().ok_or_else(|| ApiError::own(UNREADABLE, 0))?;
    let promise = window.fetch_with_str_and_init(&format!("{BASE}{}", call.path), &init);
    match JsFuture::from(promise).await {
        Ok(value) => value.dyn_into::<Response>().map_err(|_| ApiError::own(UNREADABLE, 0)),
        Err(_) if call.signal.is_some_and(AbortSignal::aborted) => Err(ApiError::own(ABORTED, 0)),
        Err(_) => Err(ApiError::own(OFFLINE, 0)),
    }
}

async fn text_of(response: &Response) -> Answer<String> {
    let promise = response.text().map_err(|_| ApiError::own(UNREADABLE, response.status()))?;
    let value = JsFuture::from(promise).await.map_err(|_| ApiError::own(OFFLINE, 0))?;
    Ok(value.as_string().unwrap_or_default())
}

async fn problem_of(response: &Response) -> ApiError {
    match text_of(response).await {
        Ok(text) => decode::<ProblemBody>(&text).map_or_else(|_| ApiError::own(UNREADABLE, response.status()), |problem| ApiError { problem }),
        Err(error) => error,
    }
}

async fn ask_refresh() -> Result<JsValue, JsValue> {
    let outcome = async {
        let call = Call { method: "POST", path: "/auth/refresh", body: &Body::None, version: None, key: None, signal: None };
        set_token(None);
        let response = fetch(&call).await?;
        if response.status() == 401 {
            storage::remove(storage::SIGNED_IN);
        }
        if !response.ok() {
            return Err(problem_of(&response).await);
        }
        #[derive(Deserialize)]
        struct Renewed {
            access_token: String,
        }
        let renewed: Renewed = decode(&text_of(&response).await?)?;
        set_token(Some(renewed.access_token));
        Ok(())
    }
    .await;
    REFRESH.with(|cell| *cell.borrow_mut() = None);
    match outcome {
        Ok(()) => Ok(JsValue::NULL),
        Err(error) => Err(JsValue::from_str(&serde_json::to_string(&error.problem).unwrap_or_default())),
    }
}

/// A new access token by the cookie; callers at the same time share one request.
pub async fn refresh() -> Answer<()> {
    let running = REFRESH.with(|cell| cell.borrow().clone());
    let promise = match running {
        Some(promise) => promise,
        None => {
            let promise = future_to_promise(ask_refresh());
            REFRESH.with(|cell| *cell.borrow_mut() = Some(promise.clone()));
            promise
        }
    };
    match JsFuture::from(promise).await {
        Ok(_) => Ok(()),
        Err(value) => {
            let problem = value.as_string().and_then(|text| decode(&text).ok());
            Err(problem.map_or_else(|| ApiError::own(UNREADABLE, 0), |problem| ApiError { problem }))
        }
    }
}

async fn answer(call: Call<'_>) -> Answer<Response> {
    let mut response = fetch(&call).await?;
    let sign_in = call.path.starts_with("/auth/login") || call.path.starts_with("/auth/refresh");
    if response.status() == 401 && !sign_in {
        let problem = problem_of(&response).await;
        // A password or code typed wrong is told at its field. It is no ended session, and sent again it would count twice.
        if !problem.errors().is_empty() {
            return Err(problem);
        }
        match refresh().await {
            Ok(()) => response = fetch(&call).await?,
            Err(error) => {
                if !error.is_offline() {
                    SIGNED_OUT.with(|cell| cell.borrow().clone()).iter().for_each(|callback| callback.emit(()));
                }
                return Err(error);
            }
        }
    }
    if response.ok() { Ok(response) } else { Err(problem_of(&response).await) }
}

fn unreadable(cause: &serde_json::Error) -> ApiError {
    let mut error = ApiError::own(UNREADABLE, 200);
    error.problem.detail = Some(cause.to_string());
    error
}

fn parse(text: &str) -> Answer<Value> {
    if text.is_empty() { Ok(Value::Null) } else { serde_json::from_str(text).map_err(|cause| unreadable(&cause)) }
}

/// What a type makes of an answer. By way of `Value`: the parser's code is there once, not once a type, which halves what the
/// browser loads.
pub fn read<T: DeserializeOwned>(value: Value) -> Answer<T> {
    T::deserialize(value).map_err(|cause| unreadable(&cause))
}

fn decode<T: DeserializeOwned>(text: &str) -> Answer<T> {
    parse(text).and_then(read)
}

async fn value(path: &str, signal: Option<&AbortSignal>) -> Answer<Value> {
    let response = answer(Call { method: "GET", path, body: &Body::None, version: None, key: None, signal }).await?;
    parse(&text_of(&response).await?)
}

/// `path` is below `/api/v1` and starts with a slash.
pub async fn get<T: DeserializeOwned>(path: &str) -> Answer<T> {
    read(value(path, None).await?)
}

pub async fn get_until<T: DeserializeOwned>(path: &str, signal: Option<&AbortSignal>) -> Answer<T> {
    read(value(path, signal).await?)
}

async fn change(method: &str, path: &str, body: Body, version: Option<i64>) -> Answer<Value> {
    let identity = match &body {
        Body::Json(text) => format!("{method} {path} {version:?} {text}"),
        _ => format!("{method} {path} {version:?} {}", random_key()),
    };
    let key = PENDING.with(|cell| cell.borrow_mut().entry(identity.clone()).or_insert_with(random_key).clone());
    let outcome = answer(Call { method, path, body: &body, version, key: Some(&key), signal: None }).await;
    let unknown = matches!(&outcome, Err(error) if error.is_offline() || error.status() >= 500);
    if !unknown {
        PENDING.with(|cell| cell.borrow_mut().remove(&identity));
    }
    parse(&text_of(&outcome?).await?)
}

fn json<B: Serialize + ?Sized>(body: &B) -> Body {
    Body::Json(serde_json::to_string(body).unwrap_or_default())
}

pub async fn post<B: Serialize + ?Sized, T: DeserializeOwned>(path: &str, body: &B) -> Answer<T> {
    read(change("POST", path, json(body), None).await?)
}

/// A change of a thing whose version was read before (`If-Match`).
pub async fn post_at<B: Serialize + ?Sized, T: DeserializeOwned>(path: &str, body: &B, version: i64) -> Answer<T> {
    read(change("POST", path, json(body), Some(version)).await?)
}

pub async fn patch<B: Serialize + ?Sized, T: DeserializeOwned>(path: &str, body: &B, version: Option<i64>) -> Answer<T> {
    read(change("PATCH", path, json(body), version).await?)
}

pub async fn put<B: Serialize + ?Sized, T: DeserializeOwned>(path: &str, body: &B, version: Option<i64>) -> Answer<T> {
    read(change("PUT", path, json(body), version).await?)
}

pub async fn delete(path: &str) -> Answer<()> {
    change("DELETE", path, json(&serde_json::json!({})), None).await.map(|_| ())
}

/// Multipart, field `file`.
pub async fn upload<T: DeserializeOwned>(path: &str, file: &web_sys::File) -> Answer<T> {
    let form = FormData::new().map_err(|_| ApiError::own(UNREADABLE, 0))?;
    form.append_with_blob_and_filename("file", file, &file.name()).map_err(|_| ApiError::own(UNREADABLE, 0))?;
    read(change("POST", path, Body::Form(form), None).await?)
}

/// An answer that goes on coming (`GET /stream`), after `last` when it is known.
pub async fn open_stream(path: &str, last: Option<&str>, signal: Option<&AbortSignal>) -> Answer<Response> {
    let path = last.map_or_else(|| path.to_owned(), |last| format!("{path}?last_event_id={last}"));
    answer(Call { method: "GET", path: &path, body: &Body::None, version: None, key: None, signal }).await
}

pub async fn blob(path: &str) -> Answer<Blob> {
    let call = Call { method: "GET", path, body: &Body::None, version: None, key: None, signal: None };
    let response = answer(call).await?;
    let promise = response.blob().map_err(|_| ApiError::own(UNREADABLE, response.status()))?;
    let value = JsFuture::from(promise).await.map_err(|_| ApiError::own(OFFLINE, 0))?;
    value.dyn_into::<Blob>().map_err(|_| ApiError::own(UNREADABLE, 0))
}

/// Fetches with the token and hands the file to the browser under `name`.
pub async fn download(path: &str, name: &str) -> Answer<()> {
    let blob = blob(path).await?;
    let broken = || ApiError::own(UNREADABLE, 0);
    let url = web_sys::Url::create_object_url_with_blob(&blob).map_err(|_| broken())?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or_else(broken)?;
    let anchor = document.create_element("a").map_err(|_| broken())?.dyn_into::<web_sys::HtmlAnchorElement>().map_err(|_| broken())?;
    anchor.set_href(&url);
    anchor.set_download(name);
    anchor.click();
    // Revoked late: some browsers start the download after the click has returned.
    gloo::timers::callback::Timeout::new(60_000, move || drop(web_sys::Url::revoke_object_url(&url))).forget();
    Ok(())
}

/// A list of reference data, with or without paging around it.
#[derive(Debug, Clone, PartialEq)]
pub enum Listing<T> {
    Paged { items: Vec<T> },
    Plain(Vec<T>),
}

/// By hand, since an untagged enum would bring the reading code of each `T` twice more.
impl<'de, T: DeserializeOwned> Deserialize<'de> for Listing<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut value = Value::deserialize(deserializer)?;
        let (paged, items) = match value.get_mut("items") {
            Some(items) => (true, items.take()),
            None => (false, value),
        };
        let items = Vec::<T>::deserialize(items).map_err(serde::de::Error::custom)?;
        Ok(if paged { Self::Paged { items } } else { Self::Plain(items) })
    }
}

impl<T> Listing<T> {
    pub fn into_items(self) -> Vec<T> {
        match self {
            Self::Paged { items } | Self::Plain(items) => items,
        }
    }
}
