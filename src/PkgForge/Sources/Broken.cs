namespace PkgForge.Sources;

/// <summary>A broken rule, found by a reader that does not know the name of the file.</summary>
/// <param name="Rule">See <see cref="ValidationResult.Rule"/>.</param>
/// <param name="Message">See <see cref="ValidationResult.Message"/>.</param>
internal sealed record Broken(string Rule, string Message)
{
    /// <summary>The result that names the file.</summary>
    public ValidationResult In(string file) => ValidationResult.Invalid(file, Rule, Message);
}
