//! The maximum of a smooth function of few variables, by BFGS with backtracking (Nocedal and Wright,
//! "Numerical Optimization", 2006, algorithm 6.1).

use crate::PARAMETER_RANGE;

/// Where the search ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maximum<const N: usize> {
    pub(crate) at: [f64; N],
    pub(crate) value: f64,
    pub(crate) converged: bool,
}

/// The most steps; ridges of undetermined fits end here.
const MAX_STEPS: usize = 200;

/// The longest step in any variable. Variables are logarithms, so this is a factor of seven.
const MAX_STEP: f64 = 2.0;

/// What lies so close to an end of the range, in logarithms, lies at it: a hundredth of the value.
const EDGE: f64 = 0.01;

/// How steeply the function falls outside the range of parameters.
const WALL: f64 = 50.0;

/// The best of the maxima reached from `starts`; later starts are tried only while none has converged
/// inside the range. The variables are logarithms of parameters; `lowest` are the lower ends of them.
pub(crate) fn maximise<const N: usize>(
    starts: &[[f64; N]],
    lowest: [f64; N],
    mut function: impl FnMut(&[f64; N]) -> (f64, [f64; N]),
) -> Maximum<N> {
    let highest = PARAMETER_RANGE.1.ln();
    let mut walled = |at: &[f64; N]| {
        let (mut value, mut gradient) = function(at);
        for i in 0..N {
            let excess = at[i] - at[i].clamp(lowest[i], highest);
            value -= WALL * excess * excess;
            gradient[i] -= 2.0 * WALL * excess;
        }
        (value, gradient)
    };
    let mut best: Option<Maximum<N>> = None;
    for start in starts {
        let mut found = climb(*start, &mut walled);
        for (at, lowest) in found.at.iter_mut().zip(lowest) {
            found.converged &= lowest + EDGE < *at && *at < highest - EDGE;
            *at = at.clamp(lowest, highest);
        }
        if best.is_none_or(|best| found.value > best.value) {
            best = Some(found);
        }
        if best.is_some_and(|best| best.converged) {
            break;
        }
    }
    best.unwrap_or(Maximum {
        at: [0.0; N],
        value: f64::NEG_INFINITY,
        converged: false,
    })
}

fn climb<const N: usize>(
    mut at: [f64; N],
    function: &mut impl FnMut(&[f64; N]) -> (f64, [f64; N]),
) -> Maximum<N> {
    let (mut value, mut gradient) = function(&at);
    let mut inverse = identity::<N>(1.0 / (1.0 + norm(&gradient)));
    let mut fresh = true;
    for _ in 0..MAX_STEPS {
        let mut step = multiply(&inverse, &gradient);
        let longest = step
            .iter()
            .fold(0.0, |longest: f64, s| longest.max(s.abs()));
        if longest > MAX_STEP {
            step = step.map(|s| s * MAX_STEP / longest);
        }
        let rise = dot(&step, &gradient);
        if !fresh && rise < 1e-10 * (1.0 + value.abs()) {
            return Maximum {
                at,
                value,
                converged: true,
            };
        }
        let Some((next, next_value, next_gradient)) = backtrack(&at, value, &step, rise, function)
        else {
            // No step rises: at the maximum to the last digit, unless the curvature misleads.
            if fresh {
                return Maximum {
                    at,
                    value,
                    converged: rise < 1e-6 * (1.0 + value.abs()),
                };
            }
            inverse = identity::<N>(1.0 / (1.0 + norm(&gradient)));
            fresh = true;
            continue;
        };
        let mut moved = [0.0; N];
        let mut change = [0.0; N];
        for i in 0..N {
            moved[i] = next[i] - at[i];
            change[i] = gradient[i] - next_gradient[i];
        }
        let curvature = dot(&moved, &change);
        if curvature > 1e-12 {
            if fresh {
                inverse = identity::<N>(curvature / dot(&change, &change));
            }
            update(&mut inverse, &moved, &change, curvature);
            fresh = false;
        }
        (at, value, gradient) = (next, next_value, next_gradient);
    }
    Maximum {
        at,
        value,
        converged: false,
    }
}

type Point<const N: usize> = ([f64; N], f64, [f64; N]);

fn backtrack<const N: usize>(
    at: &[f64; N],
    value: f64,
    step: &[f64; N],
    rise: f64,
    function: &mut impl FnMut(&[f64; N]) -> (f64, [f64; N]),
) -> Option<Point<N>> {
    let mut scale = 1.0;
    for _ in 0..30 {
        let mut next = *at;
        for i in 0..N {
            next[i] += scale * step[i];
        }
        let (next_value, next_gradient) = function(&next);
        if next_value.is_finite() && next_value >= value + 1e-4 * scale * rise {
            return Some((next, next_value, next_gradient));
        }
        // The top of the parabola through both values and the slope, kept within reason.
        let top = rise * scale / (2.0 * (rise * scale + value - next_value)) * scale;
        scale = if top.is_finite() {
            top.clamp(0.1 * scale, 0.5 * scale)
        } else {
            0.3 * scale
        };
    }
    None
}

/// The update of the inverse Hessian.
fn update<const N: usize>(
    inverse: &mut [[f64; N]; N],
    moved: &[f64; N],
    change: &[f64; N],
    curvature: f64,
) {
    let through = multiply(inverse, change);
    let factor = (1.0 + dot(change, &through) / curvature) / curvature;
    for i in 0..N {
        for j in 0..N {
            inverse[i][j] += factor * moved[i] * moved[j]
                - (through[i] * moved[j] + moved[i] * through[j]) / curvature;
        }
    }
}

fn identity<const N: usize>(scale: f64) -> [[f64; N]; N] {
    let mut identity = [[0.0; N]; N];
    for (i, row) in identity.iter_mut().enumerate() {
        row[i] = scale;
    }
    identity
}

fn multiply<const N: usize>(matrix: &[[f64; N]; N], vector: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|i| dot(&matrix[i], vector))
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm<const N: usize>(vector: &[f64; N]) -> f64 {
    dot(vector, vector).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley, upside down: its top is at (1, 1).
    fn valley(at: &[f64; 2]) -> (f64, [f64; 2]) {
        let (u, v) = (1.0 - at[0], at[1] - at[0] * at[0]);
        let value = -(u * u + 100.0 * v * v);
        (value, [2.0 * u + 400.0 * at[0] * v, -200.0 * v])
    }

    #[test]
    fn climbs_along_a_bent_ridge() {
        let top = maximise(&[[-1.2, 1.0]], [-5.0; 2], valley);
        assert!(top.converged);
        assert!(
            (top.at[0] - 1.0).abs() < 1e-4 && (top.at[1] - 1.0).abs() < 1e-4,
            "{top:?}"
        );
    }

    #[test]
    fn a_function_without_a_top_ends_at_the_wall() {
        let top = maximise(&[[0.0]], [-5.0], |at| (at[0], [1.0]));
        assert!(!top.converged);
        assert!((top.at[0] - PARAMETER_RANGE.1.ln()).abs() < 1e-9, "{top:?}");
    }
}
