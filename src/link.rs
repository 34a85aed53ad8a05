//! Links the chunks: the one place that names the functions of the deferred chunk.

use crate::deferred::{self, DeferredChunk};
use crate::locale::Locale;
use crate::runner::Runner;
use crate::screens::{review, secondary};
use crate::session::start;
use crate::toast;

static CHUNK: DeferredChunk = DeferredChunk {
    send: |context, event| Runner(context).send(event),
    sign_in: start::finish_sign_in,
    started: |context, query| Runner(context).started(&query),
    read_early: |context| Runner(context).read_early(),
    follow_gopay: start::follow_gopay,
    press_pay: review::press_pay,
    screen: secondary::show,
    notice: review::notice,
    details: review::details,
    toast: toast::view,
    say: Locale::say,
};

/// Provides the chunk in a bundle of one file.
#[cfg(not(feature = "split"))]
pub fn link() {
    deferred::provide(&CHUNK);
}

#[cfg(feature = "split")]
pub fn link() {}

/// The only function of the second chunk that the first one calls by name.
#[cfg(feature = "split")]
#[expect(unsafe_code, reason = "`wasm-split` finds it by its name")]
#[unsafe(export_name = "__wasm_split_00later00_export_00000000000000000000000000000000_arrive")]
extern "C" fn arrive() {
    deferred::provide(&CHUNK);
}
