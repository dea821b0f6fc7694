//! The agent as a Lambda function.

fn main() -> Result<(), baton_agent::ServeError> {
    baton_agent::serve(voice_adapter::VoiceAdapter::from_env()?)
}
