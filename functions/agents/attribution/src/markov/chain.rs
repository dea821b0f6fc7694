//! The flows between states, counted from a table.

use super::{ChainError, MAX_STATES};
use crate::fold::FoldMap;
use crate::paths::Table;

/// A state: the last channels, each 1 more than its number in 16 bits, the latest in the lowest.
pub(super) type Code = u64;

/// The flows between states. The start is state 0, whose code is 0.
pub(super) struct Chain {
    pub(super) states: Vec<State>,
    /// Flows from a state, those of state 0 first.
    edges: Vec<(u32, f64)>,
}

/// What goes from one state to another.
#[derive(Debug, Clone, Copy)]
struct Flow {
    from: u32,
    to: u32,
    weight: f64,
}

/// One state, and what ends there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct State {
    pub(super) code: Code,
    /// Where its edges end.
    end: usize,
    /// What leaves it, but for what comes back at once.
    pub(super) leaving: f64,
    pub(super) conversions: f64,
    pub(super) nulls: f64,
    pub(super) value: f64,
}

impl Chain {
    /// Counts the flows of a table.
    pub(super) fn of(table: &Table, order: u8) -> Result<Self, ChainError> {
        let mask = (1_u64 << (16 * u32::from(order))) - 1;
        let mut states = vec![State::default()];
        let mut numbers: FoldMap<Code, u32> = FoldMap::default();
        let mut moves = Moves::new(table.channels().len());
        let mut flows: Vec<Flow> = Vec::new();
        for walk in table.walked() {
            let weight = walk.conversions + walk.nulls;
            let mut at = 0_u32;
            for step in walk.steps {
                let flow = moves.flow(at, *step).unwrap_or_else(|| {
                    let before = states[at as usize].code;
                    let code = (before << 16 | (u64::from(*step) + 1)) & mask;
                    let to = *numbers.entry(code).or_insert_with(|| {
                        states.push(State {
                            code,
                            ..State::default()
                        });
                        (states.len() - 1) as u32
                    });
                    flows.push(Flow {
                        from: at,
                        to,
                        weight: 0.0,
                    });
                    moves.insert(at, *step, (flows.len() - 1) as u32)
                });
                let flow = &mut flows[flow as usize];
                flow.weight += weight;
                at = flow.to;
            }
            if states.len() > MAX_STATES {
                return Err(ChainError::TooManyStates { order });
            }
            let last = &mut states[at as usize];
            last.conversions += walk.conversions;
            last.nulls += walk.nulls;
            last.value += walk.value;
            last.leaving += weight;
        }
        Ok(Self::assemble(states, flows))
    }

    fn assemble(mut states: Vec<State>, mut flows: Vec<Flow>) -> Self {
        flows.sort_unstable_by_key(|flow| (flow.from, flow.to));
        let mut edges = Vec::with_capacity(flows.len());
        for flow in flows {
            let from = &mut states[flow.from as usize];
            // What comes back at once leaves the state in the end as all else does.
            if flow.from != flow.to {
                edges.push((flow.to, flow.weight));
                from.leaving += flow.weight;
            }
            from.end = edges.len();
        }
        // A state without edges ends where the one before it does.
        let mut end = 0;
        for state in &mut states {
            state.end = state.end.max(end);
            end = state.end;
        }
        Self { states, edges }
    }

    /// Where a state flows to, and how much.
    pub(super) fn edges(&self, state: usize) -> &[(u32, f64)] {
        let from = if state == 0 {
            0
        } else {
            self.states[state - 1].end
        };
        &self.edges[from..self.states[state].end]
    }
}

/// Which flow a channel takes from a state: one look-up a touch, which for few channels is one
/// index.
struct Moves {
    channels: usize,
    few: Vec<u32>,
    many: FoldMap<u64, u32>,
}

/// Up to so many channels, the index of all states takes no more than a dozen megabytes.
const FEW_CHANNELS: usize = 64;

const NONE: u32 = u32::MAX;

impl Moves {
    fn new(channels: usize) -> Self {
        Self {
            channels,
            few: Vec::new(),
            many: FoldMap::default(),
        }
    }

    fn flow(&self, state: u32, channel: u16) -> Option<u32> {
        if self.channels > FEW_CHANNELS {
            return self.many.get(&key(state, channel)).copied();
        }
        let at = state as usize * self.channels + usize::from(channel);
        self.few.get(at).copied().filter(|flow| *flow != NONE)
    }

    fn insert(&mut self, state: u32, channel: u16, flow: u32) -> u32 {
        if self.channels > FEW_CHANNELS {
            self.many.insert(key(state, channel), flow);
            return flow;
        }
        let end = (state as usize + 1) * self.channels;
        if self.few.len() < end {
            self.few.resize(end, NONE);
        }
        self.few[state as usize * self.channels + usize::from(channel)] = flow;
        flow
    }
}

fn key(state: u32, channel: u16) -> u64 {
    u64::from(state) << 16 | u64::from(channel)
}

/// Whether a state is one with `channel`.
pub(super) fn has(code: Code, channel: u16) -> bool {
    let wanted = u64::from(channel) + 1;
    [code, code >> 16, code >> 32]
        .iter()
        .any(|part| part & 0xffff == wanted)
}
