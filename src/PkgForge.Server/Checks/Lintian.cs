using System.Text.RegularExpressions;

namespace PkgForge.Server.Checks;

/// <summary>Checks Debian packages, by their <c>.changes</c> files.</summary>
public sealed partial class Lintian : IProductCheck
{
    private readonly CheckTool tool = new()
    {
        Name = "lintian",
        Options =
        [
            "--no-cfg",
            "--color=never",
            "--fail-on=error",
            .. Environment.IsPrivilegedProcess ? (string[])["--allow-root"] : [],
            "--",
        ],
        // lintian(1), EXIT STATUS. 1 is a failure of lintian itself.
        ExitCodes = new Dictionary<int, CheckEnd?> { [0] = CheckEnd.Passed, [2] = CheckEnd.Failed },
        ErrorLine = Error(),
        WarningLine = Warning(),
    };

    /// <inheritdoc/>
    public string Name => tool.Name;

    /// <inheritdoc/>
    public Task<CheckResult> RunAsync(string products, string attempt, CancellationToken cancel) =>
        tool.RunAsync(
            [.. Directory.EnumerateFiles(products, "*.changes").Order(StringComparer.Ordinal)],
            attempt,
            cancel
        );

    [GeneratedRegex(@"^E: ")]
    private static partial Regex Error();

    [GeneratedRegex(@"^W: ")]
    private static partial Regex Warning();
}
