//! Forecasts of what cannot be below 0.

use baton_domain::FieldError;

use crate::Ahead;
use crate::series::Series;

/// Whether forecasts end at 0: as the caller says, else where nothing observed is below 0.
///
/// # Errors
/// Where the caller says that nothing can be below 0, and something is.
pub(crate) fn wanted(asked: Option<bool>, series: &Series) -> Result<bool, FieldError> {
    let below = series.values.iter().find(|y| **y < 0.0);
    match (asked, below) {
        (Some(true), Some(below)) => {
            let message = format!("the series has values below 0, such as {below}; leave it out");
            Err(FieldError::new("non_negative", message))
        }
        (Some(asked), _) => Ok(asked),
        (None, below) => Ok(below.is_none()),
    }
}

/// Raises to 0 what lies below it, and says how much did.
pub(crate) fn raise(forecast: &mut [Ahead]) -> Option<String> {
    let (mut values, mut bounds) = (0, 0);
    for ahead in forecast.iter_mut() {
        values += raised(&mut ahead.value);
        for interval in &mut ahead.intervals {
            bounds += raised(&mut interval.low);
            // Where even the upper end lies below 0, the interval is 0 alone.
            raised(&mut interval.high);
        }
    }
    if values + bounds == 0 {
        return None;
    }
    let all = forecast.len();
    Some(format!(
        "{values} of {all} forecasts and {bounds} lower ends of intervals lie below 0 and are answered \
         as 0, since nothing observed does; `non_negative: false` leaves them as they are"
    ))
}

fn raised(number: &mut f64) -> usize {
    let below = *number < 0.0;
    if below {
        *number = 0.0;
    }
    usize::from(below)
}
