//! Reading and changing data from components. A page is data and layout; the calls live in these hooks.
//! Inside, they don't know the type of what is read: their code would else be there once for each.

use super::api::{self, Answer, ApiError};
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::kernel::api::Page;
use std::{any::Any, cell::Cell, cell::RefCell, collections::HashMap, future::Future, pin::Pin, rc::Rc};
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;
use yew::prelude::*;

pub enum Fetched<T: ?Sized> {
    Loading,
    Ready(Rc<T>),
    Failed(ApiError),
}

impl<T: ?Sized> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Ready(value) => Self::Ready(value.clone()),
            Self::Failed(error) => Self::Failed(error.clone()),
        }
    }
}

/// The state of one read.
pub struct QueryHandle<T: ?Sized> {
    pub state: Fetched<T>,
    /// A newer answer is on its way while an older one is shown.
    pub refreshing: bool,
    pub reload: Callback<()>,
}

impl<T> QueryHandle<T> {
    pub fn ready(&self) -> Option<&Rc<T>> {
        match &self.state {
            Fetched::Ready(value) => Some(value),
            _ => None,
        }
    }
}

/// How many answers are kept to show at once when a page is entered again.
const KEPT_ANSWERS: usize = 80;

thread_local! {
    static KEPT: RefCell<HashMap<String, Rc<dyn Any>>> = RefCell::new(HashMap::new());
}

/// Forgets all kept answers: another person may sign in.
pub fn forget_answers() {
    KEPT.with(|cell| cell.borrow_mut().clear());
}

fn kept(path: &str) -> Option<Rc<dyn Any>> {
    KEPT.with(|cell| cell.borrow().get(path).cloned())
}

fn keep(path: &str, value: &Rc<dyn Any>) {
    KEPT.with(|cell| {
        let mut answers = cell.borrow_mut();
        if answers.len() >= KEPT_ANSWERS {
            answers.clear();
        }
        answers.insert(path.to_owned(), value.clone());
    });
}

/// Makes what is asked for of an answer.
type Read = fn(Value) -> Answer<Rc<dyn Any>>;

fn read_any<T: DeserializeOwned + 'static>(value: Value) -> Answer<Rc<dyn Any>> {
    api::read::<T>(value).map(|read| Rc::new(read) as Rc<dyn Any>)
}

/// Reads `path`; shows the last known answer while it asks again. `None`: nothing is asked.
#[hook]
pub fn use_query<T: DeserializeOwned + 'static>(path: Option<String>) -> QueryHandle<T> {
    let QueryHandle { state, refreshing, reload } = use_query_of(path, read_any::<T>);
    let state = match state {
        // One path has one type; a kept answer of another would be read anew.
        Fetched::Ready(value) => value.downcast::<T>().map_or(Fetched::Loading, Fetched::Ready),
        Fetched::Loading => Fetched::Loading,
        Fetched::Failed(error) => Fetched::Failed(error),
    };
    QueryHandle { state, refreshing, reload }
}

#[hook]
fn use_query_of(path: Option<String>, read: Read) -> QueryHandle<dyn Any> {
    // The answer stands beside the path it belongs to, so that a new path never shows the old page's data.
    let held = use_state(|| (None::<String>, Fetched::<dyn Any>::Loading));
    let refreshing = use_state_eq(|| false);
    let turn = use_state_eq(|| 0_u32);
    {
        let (held, refreshing) = (held.clone(), refreshing.clone());
        use_effect_with((path.clone(), *turn), move |(path, _)| {
            let alive = Rc::new(Cell::new(true));
            let controller = AbortController::new().ok();
            if let Some(path) = path.clone() {
                let (alive, signal) = (alive.clone(), controller.as_ref().map(AbortController::signal));
                refreshing.set(true);
                spawn_local(async move {
                    let outcome = api::get_until::<Value>(&path, signal.as_ref()).await.and_then(read);
                    if !alive.get() {
                        return;
                    }
                    refreshing.set(false);
                    match outcome {
                        Ok(value) => {
                            keep(&path, &value);
                            held.set((Some(path), Fetched::Ready(value)));
                        }
                        Err(error) if error.is_aborted() => {}
                        Err(error) => held.set((Some(path), Fetched::Failed(error))),
                    }
                });
            }
            move || {
                alive.set(false);
                if let Some(controller) = controller {
                    controller.abort();
                }
            }
        });
    }
    // The same one at each drawing: whoever is handed it would else be drawn anew.
    let reload = use_callback((), {
        let (turn, count) = (turn.setter(), Cell::new(0_u32));
        move |(), ()| {
            count.set(count.get() + 1);
            turn.set(count.get());
        }
    });
    let state = if held.0 == path { held.1.clone() } else { path.as_deref().and_then(kept).map_or(Fetched::Loading, Fetched::Ready) };
    QueryHandle { state, refreshing: *refreshing, reload }
}

/// A list read page by page.
pub struct PagesHandle<T: ?Sized> {
    pub items: Vec<Rc<T>>,
    /// No answer yet.
    pub loading: bool,
    /// Rows of the last filter are shown while those of the new one come.
    pub stale: bool,
    /// An answer is on its way.
    pub asking: bool,
    pub error: Option<ApiError>,
    /// Loads the next page; `None` on the last.
    pub more: Option<Callback<()>>,
    pub reload: Callback<()>,
}

struct Gathered {
    path: String,
    items: Vec<Rc<dyn Any>>,
    next: Option<String>,
    error: Option<ApiError>,
}

/// Reads `path` (with its query, without `cursor`) page by page.
#[hook]
pub fn use_pages<T: DeserializeOwned + 'static>(path: String) -> PagesHandle<T> {
    let PagesHandle { items, loading, stale, asking, error, more, reload } = use_pages_of(path, read_any::<T>);
    let items = items.into_iter().filter_map(|item| item.downcast::<T>().ok()).collect();
    PagesHandle { items, loading, stale, asking, error, more, reload }
}

#[hook]
fn use_pages_of(path: String, read: Read) -> PagesHandle<dyn Any> {
    let gathered = use_state(|| None::<Rc<Gathered>>);
    let asked = use_state_eq(|| (path.clone(), 0_u32, None::<String>));
    let turns = use_mut_ref(|| 0_u32);
    let asking = use_state_eq(|| false);
    // A new path starts over.
    let request = if asked.0 == path { (*asked).clone() } else { (path.clone(), asked.1, None) };
    // And for good: a path that comes back begins with its first page, not where it was left.
    use_effect_with(path.clone(), {
        let (asked, request) = (asked.clone(), request.clone());
        move |_| asked.set(request)
    });
    {
        let (gathered, asking) = (gathered.clone(), asking.clone());
        use_effect_with(request, move |(path, _, cursor)| {
            let alive = Rc::new(Cell::new(true));
            let (alive_inside, path, cursor) = (alive.clone(), path.clone(), cursor.clone());
            asking.set(true);
            spawn_local(async move {
                let full = match &cursor {
                    Some(cursor) => {
                        let joint = if path.contains('?') { '&' } else { '?' };
                        format!("{path}{joint}cursor={}", super::query::encode(cursor))
                    }
                    None => path.clone(),
                };
                let outcome = api::get::<Page<Value>>(&full).await.and_then(|page| {
                    let items = page.items.into_iter().map(read).collect::<Answer<Vec<_>>>()?;
                    Ok((items, page.next_cursor))
                });
                if !alive_inside.get() {
                    return;
                }
                asking.set(false);
                let mut items = match (&*gathered, &cursor) {
                    (Some(before), Some(_)) if before.path == path => before.items.clone(),
                    _ => Vec::new(),
                };
                let result = match outcome {
                    Ok((page, next)) => {
                        items.extend(page);
                        Gathered { path, items, next, error: None }
                    }
                    Err(error) => Gathered { path, items, next: cursor, error: Some(error) },
                };
                gathered.set(Some(Rc::new(result)));
            });
            move || alive.set(false)
        });
    }
    let ask = {
        let (asked, turns, path) = (asked.clone(), turns, path.clone());
        move |cursor: Option<String>| {
            *turns.borrow_mut() += 1;
            asked.set((path.clone(), *turns.borrow(), cursor));
        }
    };
    let reload = Callback::from({
        let ask = ask.clone();
        move |()| ask(None)
    });
    match (*gathered).clone() {
        None => PagesHandle { items: Vec::new(), loading: true, stale: false, asking: *asking, error: None, more: None, reload },
        Some(known) => {
            let more = known.next.clone().map(|cursor| Callback::from(move |()| ask(Some(cursor.clone()))));
            PagesHandle {
                items: known.items.clone(),
                loading: false,
                stale: known.path != path,
                asking: *asking,
                error: known.error.clone(),
                more,
                reload,
            }
        }
    }
}

/// A change under way.
pub struct Mutation<A: 'static> {
    pub busy: bool,
    pub error: Option<ApiError>,
    pub run: Callback<A>,
    pub reset: Callback<()>,
}

/// What is left to do when a change has gone well.
type Finish = Box<dyn FnOnce()>;

/// The state of one change.
#[derive(Clone)]
struct Change {
    busy: UseStateHandle<bool>,
    error: UseStateHandle<Option<ApiError>>,
    /// Not state: a second click may come before the next render.
    running: Rc<RefCell<bool>>,
}

#[hook]
fn use_change() -> Change {
    Change { busy: use_state_eq(|| false), error: use_state_eq(|| None), running: use_mut_ref(|| false) }
}

impl Change {
    /// Whether it may begin; if so, it has.
    fn begin(&self) -> bool {
        if std::mem::replace(&mut *self.running.borrow_mut(), true) {
            return false;
        }
        self.busy.set(true);
        self.error.set(None);
        true
    }
    fn go_on(&self, work: Pin<Box<dyn Future<Output = Answer<Finish>>>>) {
        let change = self.clone();
        spawn_local(async move {
            let outcome = work.await;
            *change.running.borrow_mut() = false;
            change.busy.set(false);
            match outcome {
                Ok(finish) => finish(),
                Err(cause) => change.error.set(Some(cause)),
            }
        });
    }
}

/// Runs `perform` once at a time; `done` gets what came back. Errors stay here until the next run.
#[hook]
pub fn use_mutation<A, T, P, F>(perform: P, done: Callback<T>) -> Mutation<A>
where
    A: 'static,
    T: 'static,
    P: Fn(A) -> F + 'static,
    F: Future<Output = Answer<T>> + 'static,
{
    let change = use_change();
    let run = {
        let change = change.clone();
        Callback::from(move |argument: A| {
            if change.begin() {
                let (future, done) = (perform(argument), done.clone());
                change.go_on(Box::pin(async move {
                    let value = future.await?;
                    Ok(Box::new(move || done.emit(value)) as Finish)
                }));
            }
        })
    };
    let reset = {
        let error = change.error.clone();
        Callback::from(move |()| error.set(None))
    };
    Mutation { busy: *change.busy, error: (*change.error).clone(), run, reset }
}

/// The title of the browser tab.
#[hook]
pub fn use_title(title: String) {
    use_effect_with(title, |title| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(&{
                let product = shared::kernel::messages::PRODUCT.zh;
                if title.is_empty() { product.to_owned() } else { format!("{title} · {product}") }
            });
        }
    });
}
