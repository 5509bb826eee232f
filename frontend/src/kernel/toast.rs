//! Short messages about what just happened, announced to screen readers.

use std::rc::Rc;
use yew::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Done,
    Trouble,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Toast {
    pub id: u32,
    pub tone: Tone,
    pub text: String,
}

#[derive(Debug, Default, PartialEq, Clone)]
pub struct Shown {
    pub toasts: Vec<Toast>,
    next: u32,
}

pub enum Change {
    Show(Tone, String),
    Drop(u32),
}

impl Reducible for Shown {
    type Action = Change;
    fn reduce(self: Rc<Self>, change: Change) -> Rc<Self> {
        let mut shown = (*self).clone();
        match change {
            Change::Show(tone, text) => {
                shown.next += 1;
                shown.toasts.push(Toast { id: shown.next, tone, text });
            }
            Change::Drop(id) => shown.toasts.retain(|toast| toast.id != id),
        }
        Rc::new(shown)
    }
}

/// Say something from anywhere.
#[derive(Clone, PartialEq)]
pub struct Toasts(pub UseReducerDispatcher<Shown>);

impl Toasts {
    pub fn done(&self, text: impl Into<String>) {
        self.0.dispatch(Change::Show(Tone::Done, text.into()));
    }
    pub fn trouble(&self, text: impl Into<String>) {
        self.0.dispatch(Change::Show(Tone::Trouble, text.into()));
    }
}

#[derive(Properties, PartialEq)]
pub struct ToastProviderProps {
    pub children: Html,
}

#[component]
pub fn ToastProvider(props: &ToastProviderProps) -> Html {
    let shown = use_reducer(Shown::default);
    let toasts = Toasts(shown.dispatcher());
    html! {
        <ContextProvider<Toasts> context={toasts.clone()}>
            { props.children.clone() }
            <div class="toasts" role="status" aria-live="polite">
                { for shown.toasts.iter().map(|toast| html! { <ToastLine key={toast.id} toast={toast.clone()} toasts={toasts.clone()} /> }) }
            </div>
        </ContextProvider<Toasts>>
    }
}

#[derive(Properties, PartialEq)]
struct ToastLineProps {
    toast: Toast,
    toasts: Toasts,
}

#[component]
fn ToastLine(props: &ToastLineProps) -> Html {
    let dismiss = {
        let (id, dispatcher) = (props.toast.id, props.toasts.0.clone());
        Callback::from(move |_: ()| dispatcher.dispatch(Change::Drop(id)))
    };
    use_effect_with((), {
        let dismiss = dismiss.clone();
        // Trouble stays longer: it has to be read.
        let milliseconds = if props.toast.tone == Tone::Trouble { 12_000 } else { 5_000 };
        move |()| {
            let timer = gloo::timers::callback::Timeout::new(milliseconds, move || dismiss.emit(()));
            move || drop(timer)
        }
    });
    let class = if props.toast.tone == Tone::Trouble { "toast bad" } else { "toast" };
    html! {
        <div class={class}><span>{ &props.toast.text }</span><button type="button" aria-label="×" onclick={dismiss.reform(|_: MouseEvent| ())}>{ "×" }</button></div>
    }
}

#[hook]
pub fn use_toasts() -> Toasts {
    let fallback = use_reducer(Shown::default);
    use_context::<Toasts>().unwrap_or_else(|| Toasts(fallback.dispatcher()))
}
