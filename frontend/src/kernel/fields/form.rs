//! The values of a form. What is typed survives: it is kept in this browser at once and on the server a moment later,
//! until it is sent.

use crate::kernel::{api, session::use_session, storage, values};
use gloo::events::EventListener;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use shared::kernel::api::FormView;
use std::{cell::Cell, rc::Rc};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

pub type Values = Map<String, Value>;

/// One change of a form, by field.
pub enum FormChange {
    Set(String, Value),
    Replace(Values),
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct FormValues(pub Rc<Values>);

impl Reducible for FormValues {
    type Action = FormChange;
    fn reduce(self: Rc<Self>, change: FormChange) -> Rc<Self> {
        let values = match change {
            FormChange::Set(name, value) => {
                let mut values = (*self.0).clone();
                // A cleared field is absent, so that required ones are missed and optional ones not sent.
                if values::is_blank(&value) {
                    values.remove(&name)
                } else {
                    values.insert(name, value)
                };
                values
            }
            FormChange::Replace(values) => values,
        };
        Rc::new(Self(Rc::new(values)))
    }
}

#[derive(Clone, PartialEq)]
pub struct Form {
    pub values: Rc<Values>,
    pub set: Callback<(String, Value)>,
    pub replace: Callback<Values>,
    /// Sets a value that nobody typed: the form is no more unsent by it.
    pub note: Callback<(String, Value)>,
    /// Forgets what this browser kept; call when it was sent.
    pub sent: Callback<()>,
    /// The values come from an earlier, unfinished visit.
    pub restored: bool,
}

/// Milliseconds without a key before the server is told.
const KEPT_AFTER: u32 = 1_500;

fn kept_path(key: &str) -> String {
    format!("/me/forms/{key}")
}

/// What this browser keeps of a form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Kept {
    values: Values,
    /// The server has it, too: what it says later is newer.
    told: bool,
}

/// Under which this browser keeps a person's form: several people may use one computer, one after the other.
fn local_key(person: &str, key: &str) -> String {
    format!("form.{person}.{key}")
}

fn kept_here(person: &str, key: &str) -> Option<Kept> {
    storage::read::<Kept>(&local_key(person, key)).filter(|kept| !kept.values.is_empty())
}

/// Forgets what this browser kept of a form.
pub fn forget_form(person: &str, key: &str) {
    storage::remove(&local_key(person, key));
}

/// What a form remembers between renders without being drawn anew.
#[derive(Default)]
struct Memory {
    /// Something was typed since the form was opened or sent.
    touched: bool,
    /// The server isn't told of the newest yet.
    owed: bool,
    /// The server has something to forget once the form is sent.
    at_server: bool,
    /// The newest values.
    newest: Rc<Values>,
    /// Under which it is kept; an edited draft moves on with its version.
    key: String,
}

/// The values of a form, kept under `key` until sent.
#[hook]
pub fn use_form(key: String, initial: Values) -> Form {
    // The page of components has forms, but nobody whose they are.
    let person = use_session().map(|session| session.me.id.to_string());
    let signed_in = person.is_some();
    let person = person.unwrap_or_default();
    let found = use_memo((), |()| kept_here(&person, &key));
    let begun = use_memo((), |()| initial);
    let restored = use_state_eq(|| found.is_some());
    let state = use_reducer(|| FormValues(Rc::new((*found).clone().map_or_else(|| (*begun).clone(), |kept| kept.values))));
    let memory = use_mut_ref(|| Memory { owed: found.as_ref().as_ref().is_some_and(|kept| !kept.told), key: key.clone(), ..Memory::default() });
    memory.borrow_mut().newest = state.0.clone();
    // The form goes on under another key: what was kept under the last one goes with it.
    use_effect_with((person.clone(), key.clone()), {
        let (memory, values) = (memory.clone(), state.0.clone());
        move |(person, key)| {
            let mut memory = memory.borrow_mut();
            let last = std::mem::replace(&mut memory.key, key.clone());
            if last == *key {
                return;
            }
            forget_form(person, &last);
            if std::mem::take(&mut memory.at_server) {
                spawn_local(async move { drop(api::delete(&kept_path(&last)).await) });
            }
            if memory.touched {
                memory.owed = true;
                storage::write(&local_key(person, key), &Kept { values: (*values).clone(), told: false });
            }
        }
    });
    use_effect_with(state.0.clone(), {
        let (local, memory) = (local_key(&person, &key), memory.clone());
        move |values| {
            if memory.borrow().touched {
                storage::write(&local, &Kept { values: (**values).clone(), told: false });
            }
        }
    });
    let again = use_state_eq(|| 0_u32);
    use_effect_with((state.0.clone(), key.clone(), *again), {
        let (person, memory) = (person.clone(), memory.clone());
        move |(values, key, _)| {
            let (values, key) = (values.clone(), key.clone());
            let timer = (signed_in && memory.borrow().owed).then(|| {
                gloo::timers::callback::Timeout::new(KEPT_AFTER, move || {
                    // Sent in the meantime: nothing is left to keep.
                    if !memory.borrow().owed {
                        return;
                    }
                    memory.borrow_mut().at_server = true;
                    spawn_local(async move {
                        // A failure costs only the other desk, until the connection is back: this browser has it.
                        let told = api::put::<_, Value>(&kept_path(&key), &json!({ "values": &*values }), None).await.is_ok();
                        let mut memory = memory.borrow_mut();
                        if told && memory.owed && memory.key == key && Rc::ptr_eq(&memory.newest, &values) {
                            memory.owed = false;
                            storage::write(&local_key(&person, &key), &Kept { values: (*values).clone(), told: true });
                        }
                    });
                })
            });
            move || drop(timer)
        }
    });
    use_effect_with((), {
        let (memory, again) = (memory.clone(), again.setter());
        move |()| {
            let turns = Cell::new(0_u32);
            let listener = web_sys::window().map(|window| {
                EventListener::new(&window, "online", move |_| {
                    if memory.borrow().owed {
                        turns.set(turns.get() + 1);
                        again.set(turns.get());
                    }
                })
            });
            move || drop(listener)
        }
    });
    use_effect_with((person.clone(), key.clone()), {
        let (dispatcher, memory, restored) = (state.dispatcher(), memory.clone(), restored.setter());
        move |(person, key)| {
            if !signed_in {
                return;
            }
            let (person, key) = (person.clone(), key.clone());
            spawn_local(async move {
                let Ok(form) = api::get::<FormView>(&kept_path(&key)).await else { return };
                memory.borrow_mut().at_server |= form.at.is_some();
                let here = kept_here(&person, &key);
                // What the server was never told of is newer than what it says.
                if memory.borrow().touched || here.as_ref().is_some_and(|kept| !kept.told) {
                    return;
                }
                if !form.values.is_empty() {
                    storage::write(&local_key(&person, &key), &Kept { values: form.values.clone(), told: true });
                    dispatcher.dispatch(FormChange::Replace(form.values));
                    restored.set(true);
                } else if here.is_some() {
                    // Sent or let go at another desk.
                    forget_form(&person, &key);
                    dispatcher.dispatch(FormChange::Replace((*begun).clone()));
                    restored.set(false);
                }
            });
        }
    });
    let dispatcher = state.dispatcher();
    let set = {
        let (dispatcher, memory) = (dispatcher.clone(), memory.clone());
        use_callback((), move |(name, value): (String, Value), ()| {
            {
                let mut memory = memory.borrow_mut();
                (memory.touched, memory.owed) = (true, true);
            }
            dispatcher.dispatch(FormChange::Set(name, value));
        })
    };
    let note = {
        let dispatcher = dispatcher.clone();
        use_callback((), move |(name, value): (String, Value), ()| dispatcher.dispatch(FormChange::Set(name, value)))
    };
    let replace = use_callback((), move |values: Values, ()| dispatcher.dispatch(FormChange::Replace(values)));
    let whole = restored.setter();
    let sent = use_callback((person, key), move |(), (person, key)| {
        whole.set(false);
        let mut memory = memory.borrow_mut();
        (memory.touched, memory.owed) = (false, false);
        forget_form(person, key);
        if std::mem::take(&mut memory.at_server) {
            let path = kept_path(key);
            spawn_local(async move { drop(api::delete(&path).await) });
        }
    });
    Form { values: state.0.clone(), set, replace, note, sent, restored: *restored }
}
