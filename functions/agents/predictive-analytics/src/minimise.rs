//! Minimising a smooth function of a few dozen variables: L-BFGS (Nocedal 1980) with backtracking.

/// How many steps back the curvature is remembered.
const MEMORY: usize = 12;

/// A step must bring at least this part of what the slope promises (Armijo 1966).
const SUFFICIENT: f64 = 1e-4;

/// What is minimised: writes the gradient at `x` and answers the value, or none where the function
/// is not defined.
pub(crate) trait Objective {
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> Option<f64>;
}

/// A step that was taken: how far, by how much the gradient changed, and one over their product.
struct Step {
    moved: Vec<f64>,
    changed: Vec<f64>,
    rho: f64,
}

/// Goes down from `x` for at most `steps` steps; answers the value where it stays, or none where
/// the function is not defined at the start.
pub(crate) fn minimise(objective: &mut impl Objective, x: &mut [f64], steps: usize) -> Option<f64> {
    let n = x.len();
    let mut gradient = vec![0.0; n];
    let mut value = objective.evaluate(x, &mut gradient)?;
    let (mut trial, mut trial_gradient) = (x.to_vec(), vec![0.0; n]);
    let mut memory: Vec<Step> = Vec::new();
    let mut small = 0;
    for _ in 0..steps {
        if gradient.iter().all(|g| g.abs() < 1e-7) {
            break;
        }
        let mut direction = direction(&gradient, &memory);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            memory.clear();
            direction = gradient.iter().map(|g| -g).collect();
            slope = -dot(&gradient, &gradient);
        }
        let first = 0.1 / slope.abs().sqrt().max(0.1);
        let mut length = if memory.is_empty() { first } else { 1.0 };
        let next = loop {
            for i in 0..n {
                trial[i] = x[i] + length * direction[i];
            }
            let found = objective.evaluate(&trial, &mut trial_gradient);
            let enough = value + SUFFICIENT * length * slope;
            if let Some(found) = found.filter(|found| *found <= enough) {
                break Some(found);
            }
            length *= 0.4;
            if length < 1e-12 {
                break None;
            }
        };
        let Some(next) = next else {
            if memory.is_empty() {
                break;
            }
            // The curvature misled: once more, straight down.
            memory.clear();
            continue;
        };
        remember(&mut memory, x, &trial, &gradient, &trial_gradient);
        // What is left to gain is not worth the steps: a likelihood counts to some hundredths.
        small = if value - next < 1e-8 { small + 1 } else { 0 };
        x.copy_from_slice(&trial);
        gradient.copy_from_slice(&trial_gradient);
        value = next;
        if small >= 3 {
            break;
        }
    }
    Some(value)
}

fn remember(memory: &mut Vec<Step>, x: &[f64], next: &[f64], g: &[f64], next_g: &[f64]) {
    let moved: Vec<f64> = next.iter().zip(x).map(|(a, b)| a - b).collect();
    let changed: Vec<f64> = next_g.iter().zip(g).map(|(a, b)| a - b).collect();
    let product = dot(&moved, &changed);
    if product > 1e-14 {
        if memory.len() == MEMORY {
            memory.remove(0);
        }
        memory.push(Step {
            moved,
            changed,
            rho: 1.0 / product,
        });
    }
}

/// Minus the gradient, bent by the remembered curvature (the two loops of Nocedal).
fn direction(gradient: &[f64], memory: &[Step]) -> Vec<f64> {
    let mut q = gradient.to_vec();
    let mut parts = vec![0.0; memory.len()];
    for (part, step) in parts.iter_mut().zip(memory).rev() {
        *part = step.rho * dot(&step.moved, &q);
        add(&mut q, -*part, &step.changed);
    }
    if let Some(last) = memory.last() {
        let scale = 1.0 / (last.rho * dot(&last.changed, &last.changed));
        for x in &mut q {
            *x *= scale;
        }
    }
    for (part, step) in parts.iter().zip(memory) {
        let back = step.rho * dot(&step.changed, &q);
        add(&mut q, part - back, &step.moved);
    }
    for x in &mut q {
        *x = -*x;
    }
    q
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, of: &[f64]) {
    for (to, of) in to.iter_mut().zip(of) {
        *to += factor * of;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley (1960), whose bottom is at 1, 1.
    struct Valley;

    impl Objective for Valley {
        fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> Option<f64> {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            gradient[0] = -2.0 * a - 400.0 * x[0] * b;
            gradient[1] = 200.0 * b;
            Some(a * a + 100.0 * b * b)
        }
    }

    #[test]
    fn the_bottom_of_the_valley_is_found() {
        let mut x = [-1.2, 1.0];
        let value = minimise(&mut Valley, &mut x, 200).unwrap();
        assert!(value < 1e-8, "{value} at {x:?}");
    }
}
