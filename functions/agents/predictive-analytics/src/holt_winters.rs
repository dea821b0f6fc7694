//! Holt and Winters' smoothing as R's `HoltWinters` does it: starting values from the first two
//! seasons, and the three parameters that minimise the sum of squared errors one step ahead.

use crate::ets::Season;
use crate::ets::start::{centred, line, seasons};
use crate::minimise::{Objective, minimise};

/// What was estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct HoltWinters {
    /// Smoothing of the level, 0 to 1.
    pub alpha: f64,
    /// Smoothing of the slope, 0 to 1.
    pub beta: f64,
    /// Smoothing of the season, 0 to 1.
    pub gamma: f64,
    /// The level after the last observation: `a` in R.
    pub level: f64,
    /// The slope after it: `b` in R.
    pub slope: f64,
    /// The seasons of the periods that follow: `s1`, `s2`, … in R.
    pub seasons: Vec<f64>,
    /// The sum of squared errors.
    pub sse: f64,
    /// What was expected of each period, one step ahead; none in the first season.
    pub fitted: Vec<Option<f64>>,
}

impl HoltWinters {
    /// What is expected of the next `horizon` periods of a `season` of the kind it was fitted with.
    pub fn forecast(&self, horizon: usize, season: Season) -> Vec<f64> {
        let ahead = |h: usize| {
            let line = self.level + (h + 1) as f64 * self.slope;
            let phase = self.seasons[h % self.seasons.len()];
            if season == Season::Multiplicative {
                line * phase
            } else {
                line + phase
            }
        };
        (0..horizon).map(ahead).collect()
    }

    /// Standard deviations of the forecasts' errors for an error of 1 one step ahead (Yar and Chatfield
    /// 1990 for additive seasons, Chatfield and Yar 1991 for multiplicative ones), as R has them.
    pub fn spreads(&self, horizon: usize, season: Season) -> Vec<f64> {
        let m = self.seasons.len();
        let phase = |h: usize| self.seasons[h % m];
        let weight = |j: usize| {
            let again = if j.is_multiple_of(m) {
                self.gamma * (1.0 - self.alpha)
            } else {
                0.0
            };
            self.alpha * (1.0 + j as f64 * self.beta) + again
        };
        let variance = |h: usize| -> f64 {
            let past = (1..=h).map(|j| {
                let ratio = match season {
                    Season::Multiplicative => phase(h) / phase(h - j),
                    _ => 1.0,
                };
                (weight(j) * ratio).powi(2)
            });
            1.0 + past.sum::<f64>()
        };
        (0..horizon).map(|h| variance(h).sqrt()).collect()
    }
}

/// Fits a series without gaps that has a season of `m` periods. None where it has less than two
/// seasons and a period, where `m` is below 2, where the season is [`Season::None`], or where
/// something is not finite.
pub fn holt_winters(series: &[f64], m: usize, season: Season) -> Option<HoltWinters> {
    let ratio = season == Season::Multiplicative;
    if m < 2 || series.len() <= 2 * m || season == Season::None {
        return None;
    }
    if series
        .iter()
        .any(|y| !y.is_finite() || (ratio && *y <= 0.0))
    {
        return None;
    }
    let size = series.iter().map(|y| y.abs()).sum::<f64>() / series.len() as f64;
    let scaled: Vec<f64> = series
        .iter()
        .map(|y| y / size.max(f64::MIN_POSITIVE))
        .collect();
    let begin = &scaled[..2 * m];
    let (level, slope) = line(&centred(begin, m));
    let mut search = Search {
        series: &scaled,
        ratio,
        level,
        slope,
        seasons: seasons(begin, m, ratio),
    };
    let mut x = [0.3, 0.1, 0.1].map(|p: f64| (p / (1.0 - p)).ln());
    minimise(&mut search, &mut x, 300)?;
    let [alpha, beta, gamma] = x.map(logistic);
    let end = search.run([alpha, beta, gamma])?;
    let unit = if ratio { 1.0 } else { size };
    let phases = (0..m).map(|h| end.seasons[(series.len() + h) % m] * unit);
    Some(HoltWinters {
        alpha,
        beta,
        gamma,
        level: end.level * size,
        slope: end.slope * size,
        seasons: phases.collect(),
        sse: end.sse * size * size,
        fitted: end.fitted.iter().map(|y| y.map(|y| y * size)).collect(),
    })
}

struct Search<'a> {
    series: &'a [f64],
    ratio: bool,
    level: f64,
    slope: f64,
    seasons: Vec<f64>,
}

struct End {
    level: f64,
    slope: f64,
    seasons: Vec<f64>,
    sse: f64,
    fitted: Vec<Option<f64>>,
}

impl Search<'_> {
    /// The recursion from the second season on.
    fn run(&self, [alpha, beta, gamma]: [f64; 3]) -> Option<End> {
        let m = self.seasons.len();
        let (mut level, mut slope, mut sse) = (self.level, self.slope, 0.0);
        let mut seasons = self.seasons.clone();
        let mut fitted = vec![None; m];
        for (t, y) in self.series.iter().enumerate().skip(m) {
            let season = &mut seasons[t % m];
            let base = level + slope;
            let expected = if self.ratio {
                base * *season
            } else {
                base + *season
            };
            fitted.push(Some(expected));
            sse += (y - expected) * (y - expected);
            let seen = if self.ratio { y / *season } else { y - *season };
            let next = alpha * seen + (1.0 - alpha) * base;
            slope = beta * (next - level) + (1.0 - beta) * slope;
            level = next;
            let phase = if self.ratio { y / level } else { y - level };
            *season = gamma * phase + (1.0 - gamma) * *season;
        }
        sse.is_finite().then_some(End {
            level,
            slope,
            seasons,
            sse,
            fitted,
        })
    }

    fn value(&self, x: &[f64]) -> Option<f64> {
        let end = self.run([logistic(x[0]), logistic(x[1]), logistic(x[2])])?;
        // The logarithm has the same minimum at a scale of its own; nothing misses by nothing.
        Some((end.sse / self.series.len() as f64 + 1e-20).ln())
    }
}

impl Objective for Search<'_> {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> Option<f64> {
        const STEP: f64 = 1e-5;
        for i in 0..x.len() {
            let at = |shift: f64| {
                let mut x = x.to_vec();
                x[i] += shift;
                self.value(&x)
            };
            gradient[i] = (at(STEP)? - at(-STEP)?) / (2.0 * STEP);
        }
        self.value(x)
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::air_passengers;

    /// `HoltWinters(AirPassengers, seasonal = "mult")` in R: alpha 0.2755925, beta 0.03269295, gamma
    /// 0.8707292; a 469.3232206, b 3.0215391, s1 0.9464611. R's search stops a little before the
    /// minimum, so that ours lies some hundred-thousandths beside it, with no larger errors.
    #[test]
    fn air_passengers_as_r_has_them() {
        let air = air_passengers();
        let found = holt_winters(&air, 12, Season::Multiplicative).unwrap();
        for (found, wanted, slack) in [
            (found.alpha, 0.2756, 1e-4),
            (found.beta, 0.0327, 1e-4),
            (found.gamma, 0.8707, 1e-4),
            (found.level, 469.3232, 0.01),
            (found.slope, 3.0215, 1e-3),
            (found.seasons[0], 0.946_461_1, 1e-4),
        ] {
            assert!((found - wanted).abs() < slack, "{found}, not {wanted}");
        }
        let begin = &air[..24];
        let search = Search {
            series: &air,
            ratio: true,
            level: line(&centred(begin, 12)).0,
            slope: line(&centred(begin, 12)).1,
            seasons: seasons(begin, 12, true),
        };
        let of_r = search
            .run([0.275_592_5, 0.032_692_95, 0.870_729_2])
            .unwrap();
        assert!((of_r.level - 469.3232).abs() < 1e-4, "{}", of_r.level);
        assert!((of_r.slope - 3.0215).abs() < 1e-4, "{}", of_r.slope);
        assert!(found.sse <= of_r.sse * (1.0 + 1e-12));
    }

    #[test]
    fn an_additive_season_on_a_line_is_continued() {
        let season = [3.0, -1.0, -4.0, 2.0];
        let value = |t: usize| 50.0 + 2.0 * t as f64 + season[t % 4];
        let series: Vec<f64> = (0..24).map(value).collect();
        let found = holt_winters(&series, 4, Season::Additive).unwrap();
        for (h, found) in found.forecast(8, Season::Additive).iter().enumerate() {
            // R reads the starting level off the middle of the first season, half a season late.
            assert!((found - value(24 + h)).abs() < 1e-2, "{h}: {found}");
        }
        assert_eq!(holt_winters(&series[..8], 4, Season::Additive), None);
        assert_eq!(holt_winters(&[0.0; 24], 4, Season::Multiplicative), None);
        assert!(holt_winters(&[0.0; 24], 4, Season::Additive).is_some());
    }
}
