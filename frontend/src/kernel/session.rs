//! Who is signed in, and the reference data every page needs: kinds, units, code lists, counters.

use super::{
    api::{self, Answer, Listing},
    hooks::{self, QueryHandle, use_query},
    live, storage,
};
use serde::Deserialize;
use shared::kernel::{
    api::{BoxCounts, CodeLists, KindBrief, Me, UnitBrief, UnitView},
    field::{Choice, Field},
    kind::State,
    role::Permission,
    text::{Lang, Text},
};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Reference data, read once a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub kinds: Vec<KindBrief>,
    pub units: Vec<UnitView>,
    pub lists: CodeLists,
}

#[derive(Clone, PartialEq)]
pub struct Session {
    pub me: Rc<Me>,
    pub reference: Rc<Reference>,
    pub counts: Option<Rc<BoxCounts>>,
    pub reload_counts: Callback<()>,
    /// Reads the person anew, e.g. after the password was changed.
    pub reload: Callback<()>,
    pub sign_out: Callback<()>,
    /// Does another's duties from now on, or one's own again.
    pub act_for: Callback<Option<String>>,
}

impl Session {
    pub fn may(&self, permission: Permission) -> bool {
        self.me.permissions.contains(&permission)
    }
    pub fn unit(&self, code: &str) -> Option<&UnitView> {
        self.reference.units.iter().find(|unit| unit.code == code)
    }
    /// Short name of a unit, or its code when unknown.
    pub fn unit_name(&self, code: &str, lang: Lang) -> String {
        self.unit(code).map_or_else(|| code.to_owned(), |unit| if lang == Lang::Zh { unit.short_name.clone() } else { unit.name_en.clone() })
    }
    pub fn kind(&self, code: &str) -> Option<&KindBrief> {
        self.reference.kinds.iter().find(|kind| kind.code == code)
    }
    /// The kind a page is about when its address names none.
    pub fn first_kind(&self) -> Option<&KindBrief> {
        self.reference.kinds.first()
    }
    /// Kinds whose lists this person may import.
    pub fn imports(&self) -> Vec<&KindBrief> {
        self.me.can_start.iter().filter_map(|code| self.kind(code)).filter(|kind| kind.imports).collect()
    }
    pub fn list(&self, name: &str) -> &[Choice] {
        self.reference.lists.lists.get(name).map(Vec::as_slice).unwrap_or_default()
    }
    pub fn code_label(&self, list: &str, code: &str, lang: Lang) -> String {
        self.list(list).iter().find(|choice| choice.code == code).map_or_else(|| code.to_owned(), |choice| choice.label.in_lang(lang).to_owned())
    }
    /// A label of a code whatever the list, for codes that come without one.
    pub fn any_label(&self, code: &str, lang: Lang) -> Option<String> {
        let mut all = self.reference.lists.lists.values().flatten();
        all.find(|choice| choice.code == code).map(|choice| choice.label.in_lang(lang).to_owned())
    }
}

pub fn unit_words(unit: &UnitBrief, lang: Lang) -> &str {
    if lang == Lang::Zh { &unit.short_name } else { &unit.name_en }
}

/// The session; only below `SessionGate`.
#[hook]
pub fn use_session() -> Option<Session> {
    use_context::<Session>()
}

/// What the client needs of a kind's declaration. Who may take a step and what it does is the server's business; leaving
/// it out keeps its reading code out of what the browser loads.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct KindSheet {
    pub code: String,
    pub name: Text,
    pub fields: Vec<Field>,
    pub states: Vec<State>,
    pub steps: Vec<StepSheet>,
    #[serde(default)]
    pub title_from: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StepSheet {
    pub action: String,
    pub label: Text,
    #[serde(default)]
    pub input: Vec<Field>,
    #[serde(default)]
    pub guards: Vec<GuardSheet>,
}

/// What must hold, in words.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct GuardSheet {
    pub code: String,
    pub reason: Text,
}

impl KindSheet {
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
    pub fn step(&self, action: &str) -> Option<&StepSheet> {
        self.steps.iter().find(|step| step.action == action)
    }
}

/// The declaration of a kind, read once under its digest. An empty code is one that isn't known yet: nothing is asked.
#[hook]
pub fn use_kind(code: &str) -> QueryHandle<KindSheet> {
    let session = use_session();
    let digest = session.and_then(|session| session.kind(code).map(|kind| kind.digest.clone())).unwrap_or_default();
    use_query::<KindSheet>((!code.is_empty()).then(|| format!("/kinds/{code}?digest={}", super::query::encode(&digest))))
}

#[derive(Clone)]
pub enum Access {
    /// Not known yet.
    Opening,
    SignedOut,
    Failed(api::ApiError),
    SignedIn(Rc<Me>, Option<Rc<Reference>>),
}

/// Who is signed in. A delegation that has ended meanwhile is let go.
async fn read_me() -> Answer<Me> {
    api::set_acting_for(storage::read::<String>(ACTING));
    match api::get::<Me>("/me").await {
        Err(error) if error.status() == 403 => {
            storage::remove(ACTING);
            api::set_acting_for(None);
            api::get::<Me>("/me").await
        }
        outcome => outcome,
    }
}

/// Under which this browser remembers whose duties are done.
const ACTING: &str = "acting";

async fn read_reference() -> Answer<Reference> {
    let kinds = api::get::<Listing<KindBrief>>("/kinds").await?.into_items();
    let units = api::get::<Listing<UnitView>>("/units").await?.into_items();
    let lists = api::get::<CodeLists>("/code-lists").await?;
    Ok(Reference { kinds, units, lists })
}

/// What the sign-in page hands over, and what the rest asks for.
#[derive(Clone, PartialEq)]
pub struct Doors {
    pub enter: Callback<(String, Rc<Me>)>,
}

#[derive(Properties, PartialEq)]
pub struct SessionGateProps {
    /// Shown to one who isn't signed in, must change the password or set up one-time codes, or waits.
    pub outside: Callback<AccessView, Html>,
    pub children: Html,
}

/// What stands in place of the pages.
#[derive(Clone, PartialEq)]
pub enum AccessView {
    Opening,
    SignIn {
        expired: bool,
    },
    ChangePassword(Rc<Me>),
    /// An administrator without one-time codes: nothing else opens before they are set up.
    SetUpCodes {
        go_on: Callback<()>,
        sign_out: Callback<()>,
    },
    Failed(api::ApiError, Callback<()>),
}

#[component]
pub fn SessionGate(props: &SessionGateProps) -> Html {
    let access = use_state(|| if storage::may_be_signed_in() { Access::Opening } else { Access::SignedOut });
    let expired = use_state_eq(|| false);
    let turn = use_state_eq(|| 0_u32);
    // What every page is handed stays the same one, or each would be drawn anew with every look at the counters.
    let again = use_callback((), {
        let (turn, turns) = (turn.setter(), Cell::new(0_u32));
        move |(), ()| {
            turns.set(turns.get() + 1);
            turn.set(turns.get());
        }
    });
    {
        let (access, expired) = (access.clone(), expired.clone());
        use_effect_with((), move |()| {
            api::on_signed_out(Callback::from(move |()| {
                api::set_token(None);
                hooks::forget_answers();
                expired.set(true);
                access.set(Access::SignedOut);
            }));
        });
    }
    {
        let access = access.clone();
        use_effect_with(*turn, move |turn| {
            let first = *turn == 0;
            spawn_local(async move {
                if first && !storage::may_be_signed_in() {
                    return;
                }
                if first && let Err(error) = api::refresh().await {
                    access.set(if error.is_offline() || error.status() >= 500 { Access::Failed(error) } else { Access::SignedOut });
                    return;
                }
                let me = match read_me().await {
                    Ok(me) => Rc::new(me),
                    Err(error) if error.status() == 401 => return access.set(Access::SignedOut),
                    Err(error) => return access.set(Access::Failed(error)),
                };
                if me.must_change_password || me.must_set_up_totp {
                    return access.set(Access::SignedIn(me, None));
                }
                match read_reference().await {
                    Ok(reference) => access.set(Access::SignedIn(me, Some(Rc::new(reference)))),
                    Err(error) => access.set(Access::Failed(error)),
                }
            });
        });
    }
    let enter = {
        let (access, again, expired) = (access.clone(), again.clone(), expired.clone());
        Callback::from(move |(token, me): (String, Rc<Me>)| {
            hooks::forget_answers();
            storage::write(storage::SIGNED_IN, &true);
            api::set_token(Some(token));
            expired.set(false);
            access.set(Access::SignedIn(me, None));
            again.emit(());
        })
    };
    let sign_out = use_callback((), {
        let access = access.setter();
        move |(), ()| {
            let access = access.clone();
            spawn_local(async move {
                // Signed out here even when the server can't be told: the token lives in this page only.
                let _ = api::post::<_, serde_json::Value>("/auth/logout", &serde_json::json!({})).await;
                api::set_token(None);
                hooks::forget_answers();
                storage::forget_drafts();
                storage::remove(storage::SIGNED_IN);
                storage::remove(ACTING);
                api::set_acting_for(None);
                access.set(Access::SignedOut);
            });
        }
    });
    let view = match &*access {
        Access::SignedIn(me, Some(reference)) if !me.must_change_password && !me.must_set_up_totp => html! {
            <Inside key={format!("inside-{}", me.on_behalf_of.as_ref().map(|away| away.id.to_string()).unwrap_or_default())} me={me.clone()} reference={reference.clone()} reload={again} {sign_out}>{ props.children.clone() }</Inside>
        },
        Access::SignedIn(me, _) if me.must_change_password => props.outside.emit(AccessView::ChangePassword(me.clone())),
        Access::SignedIn(me, _) if me.must_set_up_totp => props.outside.emit(AccessView::SetUpCodes { go_on: again, sign_out }),
        Access::SignedIn(..) | Access::Opening => props.outside.emit(AccessView::Opening),
        Access::SignedOut => props.outside.emit(AccessView::SignIn { expired: *expired }),
        Access::Failed(error) => {
            // After a failure at the start the token is missing still; a plain reload of the page does all of it.
            let retry = Callback::from(|()| {
                if let Some(window) = web_sys::window() {
                    let _ = window.location().reload();
                }
            });
            props.outside.emit(AccessView::Failed(error.clone(), retry))
        }
    };
    html! { <ContextProvider<Doors> context={Doors { enter }}>{ view }</ContextProvider<Doors>> }
}

#[derive(Properties, PartialEq)]
struct InsideProps {
    me: Rc<Me>,
    reference: Rc<Reference>,
    reload: Callback<()>,
    sign_out: Callback<()>,
    children: Html,
}

/// Milliseconds between two looks at the counters.
const COUNTS_EVERY: u32 = 60_000;

#[component]
fn Inside(props: &InsideProps) -> Html {
    let administration = props.me.roles.iter().all(|role| role.is_administration());
    let counts = use_query::<BoxCounts>((!administration).then(|| "/matters/counts".to_owned()));
    {
        let reload = counts.reload.clone();
        use_effect_with((), move |()| {
            let timer = gloo::timers::callback::Interval::new(COUNTS_EVERY, move || {
                let hidden = web_sys::window().and_then(|window| window.document()).is_some_and(|document| document.hidden());
                if !hidden {
                    reload.emit(());
                }
            });
            move || drop(timer)
        });
    }
    live::use_stream(!administration);
    let reload_counts = counts.reload.clone();
    // Several changes within a moment are one look at the counters.
    let soon = use_mut_ref(|| None::<gloo::timers::callback::Timeout>);
    let heard = use_callback((), move |_: Option<String>, ()| {
        let reload = reload_counts.clone();
        *soon.borrow_mut() = Some(gloo::timers::callback::Timeout::new(800, move || reload.emit(())));
    });
    live::use_live(heard);
    let act_for = use_callback(props.reload.clone(), |person: Option<String>, reload| {
        match &person {
            Some(person) => storage::write(ACTING, person),
            None => storage::remove(ACTING),
        }
        api::set_acting_for(person);
        // Nothing of the one is shown to the other.
        hooks::forget_answers();
        reload.emit(());
    });
    let session = Session {
        me: props.me.clone(),
        reference: props.reference.clone(),
        counts: counts.ready().cloned(),
        reload_counts: counts.reload.clone(),
        reload: props.reload.clone(),
        sign_out: props.sign_out.clone(),
        act_for,
    };
    html! { <ContextProvider<Session> context={session}>{ props.children.clone() }</ContextProvider<Session>> }
}
