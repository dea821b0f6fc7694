//! Answers that a workflow can carry.

use baton_agent::{MAX_OUTPUT_BYTES, json_bytes};

use crate::Output;

/// Leaves out the last draws, then the ads of least traffic, until the answer has
/// [`MAX_OUTPUT_BYTES`] at most, and says so. One ad stays.
pub(crate) fn fit(output: &mut Output) -> Option<String> {
    let (draws, ads) = (output.draws.len(), output.ads.len());
    while json_bytes(output) > MAX_OUTPUT_BYTES && output.draws.len() + output.ads.len() > 1 {
        if output.draws.is_empty() {
            output.ads.truncate((output.ads.len() - 1).max(1));
            if output.ads.len() == 1 {
                break;
            }
        } else {
            output.draws.truncate(output.draws.len() * 9 / 10);
        }
    }
    let left = (output.draws.len(), output.ads.len());
    (left != (draws, ads)).then(|| {
        format!(
            "{} of {draws} draws and {} of {ads} ads are answered: an answer has {MAX_OUTPUT_BYTES} bytes \
             at most, and names and texts are long",
            left.0, left.1
        )
    })
}
