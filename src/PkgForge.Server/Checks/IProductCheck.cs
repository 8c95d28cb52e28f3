namespace PkgForge.Server.Checks;

/// <summary>
/// Looks the products of a task over with a tool for that. The products are untrusted: the tool runs in a sandbox, and is
/// bounded in time and output.
/// </summary>
public interface IProductCheck
{
    /// <summary>The tool, and the name of its log without the ending.</summary>
    string Name { get; }

    /// <summary>Checks what lies in a directory, and writes what the tool says to <c>NAME.log</c>.</summary>
    /// <param name="products">The directory of the products; it is only read.</param>
    /// <param name="attempt">The directory that takes the log.</param>
    /// <param name="cancel">Kills the tool.</param>
    /// <exception cref="FarmFaultException">The log cannot be written.</exception>
    Task<CheckResult> RunAsync(string products, string attempt, CancellationToken cancel);
}
