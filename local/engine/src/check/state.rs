//! The fields that states share.

use std::sync::Arc;

use super::Language;
use super::reader::Reader;
use crate::dialect::{Data, JsonataData};
use crate::jsonpath::{PathData, ResultPath, Selection};
use crate::model::{Next, State};
use crate::state::{Choice, Fail, Kind, MapState, Parallel, Pass, Succeed, Task, Wait};

/// Which shared fields a state type has.
#[allow(clippy::struct_excessive_bools, reason = "a table of yes and no")]
struct Shape {
    what: &'static str,
    next: bool,
    /// `Arguments`, or `Parameters` under JSONPath.
    arguments: bool,
    output: bool,
    assign: bool,
    /// `Retry` and `Catch`; also what has a result to select from.
    handlers: bool,
    /// `ResultPath` under JSONPath.
    placed: bool,
}

impl Shape {
    const fn new(what: &'static str) -> Self {
        Self {
            what,
            next: true,
            arguments: false,
            output: true,
            assign: true,
            handlers: false,
            placed: false,
        }
    }

    fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Task(_) => Self {
                arguments: true,
                handlers: true,
                placed: true,
                ..Self::new("a Task state")
            },
            Kind::Parallel(_) => Self {
                arguments: true,
                handlers: true,
                placed: true,
                ..Self::new("a Parallel state")
            },
            Kind::Map(_) => Self {
                handlers: true,
                placed: true,
                ..Self::new("a Map state")
            },
            Kind::Choice(_) => Self {
                next: false,
                ..Self::new("a Choice state")
            },
            Kind::Pass(_) => Self {
                placed: true,
                ..Self::new("a Pass state")
            },
            Kind::Wait(_) => Self::new("a Wait state"),
            Kind::Succeed(_) => Self {
                next: false,
                assign: false,
                ..Self::new("a Succeed state")
            },
            Kind::Fail(_) => Self {
                next: false,
                output: false,
                assign: false,
                ..Self::new("a Fail state")
            },
        }
    }
}

impl Reader<'_> {
    /// Reads this object as a state.
    pub(super) fn state(mut self, name: &str) -> State {
        let path: Arc<str> = Arc::from(self.path.as_str());
        self.text("Comment");
        self.state_language();
        let Some(kind) = self.kind() else {
            return self.unknown(name, path);
        };
        let shape = Shape::of(&kind);
        let next = if shape.next { self.next() } else { Next::End };
        let data = if self.is_jsonata() {
            self.data(&shape)
        } else {
            Data::JsonPath(Box::new(self.path_data(&shape, &kind)))
        };
        let retry = if shape.handlers {
            self.retry()
        } else {
            Vec::new()
        };
        let catch = if shape.handlers {
            self.catch()
        } else {
            Vec::new()
        };
        self.finish(shape.what);
        State {
            name: Arc::from(name),
            path,
            kind,
            next,
            data,
            retry,
            catch,
        }
    }

    fn data(&mut self, shape: &Shape) -> Data {
        Data::Jsonata(JsonataData {
            place: String::new(),
            arguments: shape
                .arguments
                .then(|| self.template("Arguments"))
                .flatten(),
            output: shape.output.then(|| self.template("Output")).flatten(),
            assign: if shape.assign {
                self.assign()
            } else {
                Vec::new()
            },
        })
    }

    fn path_data(&mut self, shape: &Shape, kind: &Kind) -> PathData {
        let is_pass = matches!(kind, Kind::Pass(_));
        let result = is_pass.then(|| self.get("Result")).flatten();
        PathData {
            input: self.selection_if(shape.output, "InputPath"),
            parameters: (shape.arguments || is_pass)
                .then(|| self.payload("Parameters"))
                .flatten(),
            result: result.map(|result| Arc::new(result.clone())),
            selector: shape
                .handlers
                .then(|| self.payload("ResultSelector"))
                .flatten(),
            result_path: if shape.placed {
                self.result_path()
            } else {
                ResultPath::Whole
            },
            output: self.selection_if(shape.output, "OutputPath"),
            assign: if shape.assign {
                self.assign_payloads()
            } else {
                Vec::new()
            },
        }
    }

    fn selection_if(&mut self, has: bool, name: &'static str) -> Selection {
        if has {
            self.selection(name)
        } else {
            Selection::Whole
        }
    }

    fn kind(&mut self) -> Option<Kind> {
        Some(match self.required_text("Type")? {
            "Task" => Kind::Task(Task::check(self)),
            "Pass" => Kind::Pass(Pass),
            "Choice" => Kind::Choice(Choice::check(self)),
            "Wait" => Kind::Wait(Wait::check(self)),
            "Succeed" => Kind::Succeed(Succeed),
            "Fail" => Kind::Fail(Fail::check(self)),
            "Parallel" => Kind::Parallel(Parallel::check(self)),
            "Map" => Kind::Map(Box::new(MapState::check(self))),
            other => {
                self.report("Type", format!("there is no state type '{other}'"));
                return None;
            }
        })
    }

    /// Stands in for a state of no known type or dialect, so that the others are still checked.
    fn unknown(mut self, name: &str, path: Arc<str>) -> State {
        let next = self.target("Next").unwrap_or(Next::End);
        State {
            name: Arc::from(name),
            path,
            kind: Kind::Succeed(Succeed),
            next,
            data: Data::default(),
            retry: Vec::new(),
            catch: Vec::new(),
        }
    }

    /// The query language of the state: its own, or the machine's.
    fn state_language(&mut self) {
        let own = self.language();
        let machine = self.checker.language;
        if own == Some(Language::JsonPath) && machine == Some(Language::Jsonata) {
            let message = "a JSONata machine cannot hold a JSONPath state";
            self.report("QueryLanguage", message);
        }
        self.language = own.or(machine).unwrap_or(Language::JsonPath);
    }

    fn next(&mut self) -> Next {
        let end = self.flag("End");
        let next = self.target("Next");
        let has_next = self.get("Next").is_some();
        match (has_next, end) {
            (true, Some(true)) => self.report("", "has both 'Next' and 'End'"),
            (false, None | Some(false)) => self.report("", "needs 'Next' or 'End': true"),
            _ => {}
        }
        next.unwrap_or(Next::End)
    }
}
