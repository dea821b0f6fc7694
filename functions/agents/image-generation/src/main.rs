//! The agent as a Lambda function.

fn main() -> Result<(), baton_agent::ServeError> {
    baton_agent::serve(image_generation::ImageGeneration::from_env()?)
}
