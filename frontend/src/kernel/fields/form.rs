//! The values of a form. What is typed survives: it is kept in this browser at once and on the server a moment later,
//! until it is sent.

use crate::kernel::{api, session::use_session, storage, values};
use serde_json::{Map, Value, json};
use shared::kernel::api::FormView;
use std::rc::Rc;
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

/// The values of a form, kept under `key` until sent.
#[hook]
pub fn use_form(key: String, initial: Values) -> Form {
    // The page of components has forms, but nobody whose they are.
    let signed_in = use_session().is_some();
    let server_key = key.clone();
    let key = format!("form.{key}");
    let restored = use_state_eq({
        let key = key.clone();
        move || storage::read::<Values>(&key).is_some_and(|values| !values.is_empty())
    });
    let state = use_reducer({
        let key = key.clone();
        move || FormValues(Rc::new(storage::read::<Values>(&key).filter(|values| !values.is_empty()).unwrap_or(initial)))
    });
    let touched = use_mut_ref(|| false);
    use_effect_with(state.0.clone(), {
        let (key, touched) = (key.clone(), touched.clone());
        move |values| {
            if *touched.borrow() {
                storage::write(&key, values);
            }
        }
    });
    // Whether the server has something to forget once the form is sent.
    let kept = use_mut_ref(|| false);
    use_effect_with(state.0.clone(), {
        let (key, touched, kept) = (server_key.clone(), touched.clone(), kept.clone());
        move |values| {
            let timer = (signed_in && *touched.borrow()).then(|| {
                let values = values.clone();
                gloo::timers::callback::Timeout::new(KEPT_AFTER, move || {
                    *kept.borrow_mut() = true;
                    spawn_local(async move {
                        // A failure costs only the other desk: this browser has it.
                        let _ = api::put::<_, Value>(&kept_path(&key), &json!({ "values": &*values }), None).await;
                    });
                })
            });
            move || drop(timer)
        }
    });
    use_effect_with(server_key.clone(), {
        let (dispatcher, touched, kept, restored) = (state.dispatcher(), touched.clone(), kept.clone(), restored.clone());
        let here = *restored;
        move |key: &String| {
            if !signed_in {
                return;
            }
            let path = kept_path(key);
            spawn_local(async move {
                if let Ok(form) = api::get::<FormView>(&path).await {
                    *kept.borrow_mut() |= form.at.is_some();
                    // What this browser has is the newer one.
                    if !here && !*touched.borrow() && !form.values.is_empty() {
                        dispatcher.dispatch(FormChange::Replace(form.values));
                        restored.set(true);
                    }
                }
            });
        }
    });
    let dispatcher = state.dispatcher();
    let set = {
        let (dispatcher, touched) = (dispatcher.clone(), touched.clone());
        use_callback((), move |(name, value): (String, Value), ()| {
            *touched.borrow_mut() = true;
            dispatcher.dispatch(FormChange::Set(name, value));
        })
    };
    let replace = use_callback((), move |values: Values, ()| dispatcher.dispatch(FormChange::Replace(values)));
    let sent = use_callback((key, server_key), move |(), (key, server_key)| {
        *touched.borrow_mut() = false;
        storage::remove(key);
        if std::mem::take(&mut *kept.borrow_mut()) {
            let path = kept_path(server_key);
            spawn_local(async move { drop(api::delete(&path).await) });
        }
    });
    Form { values: state.0.clone(), set, replace, sent, restored: *restored }
}
