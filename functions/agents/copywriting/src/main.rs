//! The agent as a Lambda function.

fn main() -> Result<(), baton_agent::ServeError> {
    baton_agent::serve(copywriting::Copywriting::from_env()?)
}
