using System.Text.RegularExpressions;

namespace PkgForge.Server.Checks;

/// <summary>Checks RPM packages.</summary>
public sealed partial class Rpmlint : IProductCheck
{
    private readonly CheckTool tool = new()
    {
        Name = "rpmlint",
        Options = [],
        // rpmlint 2: 3 for a file that is no package, 64 for errors, 66 for more badness than its configuration allows.
        // 1 and 2 are failures of rpmlint itself.
        ExitCodes = new Dictionary<int, CheckEnd?>
        {
            [0] = CheckEnd.Passed,
            [3] = CheckEnd.Failed,
            [64] = null,
            [66] = CheckEnd.Failed,
        },
        ErrorLine = Error(),
        WarningLine = Warning(),
    };

    /// <inheritdoc/>
    public string Name => tool.Name;

    /// <inheritdoc/>
    public Task<CheckResult> RunAsync(string products, string attempt, CancellationToken cancel) =>
        tool.RunAsync([.. Directory.EnumerateFiles(products, "*.rpm").Order(StringComparer.Ordinal)], attempt, cancel);

    // The packages are signed after they are checked.
    [GeneratedRegex(@"^\S+: E: (?!no-signature)")]
    private static partial Regex Error();

    [GeneratedRegex(@"^\S+: W: ")]
    private static partial Regex Warning();
}
