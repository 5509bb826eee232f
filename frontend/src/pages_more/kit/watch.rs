//! Looking again while something is under way.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

/// Asks anew a second after each answer, as long as it is `running`. `asking`: an answer is on its way already.
#[hook]
pub fn use_watch(running: bool, asking: bool, again: Callback<()>) {
    use_effect_with((running, asking), move |(running, asking)| {
        let timer = (*running && !*asking).then(|| Timeout::new(1000, move || again.emit(())));
        move || drop(timer)
    });
}
