using PkgForge.Registry;
using PkgForge.Registry.Views;

namespace PkgForge.Cli;

/// <summary>What changed since the last success, as a person wants to see it.</summary>
internal static class ChangesText
{
    public static void Write(ChangesJson changes)
    {
        if (changes.Since is not { } since)
        {
            Output.Line(
                Output.Printable(
                    $"{changes.Source} was not built on {changes.Platform} before this attempt, or too many jobs ago"
                )
            );
            return;
        }
        Output.Line(
            Output.Printable(
                $"{changes.Source} on {changes.Platform}, attempt {changes.Attempt}, against attempt {since.Attempt} of {since.Job} ({Words.Of(since.Ended)})"
            )
        );
        Write(changes.Packages);
        Write(changes.Products);
        if (changes.Log is { } log)
            Write(log);
        else
            Output.Line("log: one of the two is not there");
    }

    private static void Write(PackageChangeJson[]? packages)
    {
        Output.Line(
            packages switch
            {
                null => "root: what was in one of the two is not known",
                [] => "root: the same packages",
                _ => $"root: {packages.Length} packages are different",
            }
        );
        foreach (var package in packages ?? [])
            Output.Line(
                Output.Printable(
                    $"  {package.Name} {package.Architecture}: {package.Before ?? "-"} -> {After(package)}"
                )
            );
    }

    private static string After(PackageChangeJson package) =>
        package.After is null ? "-"
        : package.After == package.Before ? "another file"
        : package.After;

    private static void Write(ProductChangeJson[]? products)
    {
        Output.Line(
            products switch
            {
                null => "products: one of the two has made none",
                [] => "products: the same files",
                _ => $"products: {products.Length} files are different",
            }
        );
        foreach (var file in products ?? [])
            Output.Line(Output.Printable($"  {file.Name}: {Size(file.Before)} -> {Size(file.After)}"));
    }

    private static string Size(long? bytes) => bytes is { } size ? $"{size} bytes" : "-";

    private static void Write(LogChangesJson log)
    {
        Output.Line($"log: {Describe(log.Before)} -> {Describe(log.After)}");
        if (log.Differs is { } stage)
            Output.Line(
                Output.Printable(
                    stage.After is { } here
                        ? $"  first in the stage of line {stage.LineAfter}: {here}"
                        : $"  a stage is missing: {stage.Before}"
                )
            );
        foreach (var line in log.Lines)
        {
            var sign =
                line.After is null ? '-'
                : line.Before is null ? '+'
                : ' ';
            Output.Line($"  {line.After ?? line.Before, 7} {sign}{Output.Printable(line.Text)}");
        }
    }

    private static string Describe(LogSideJson side) =>
        $"{side.Lines} lines, {side.Bytes} bytes{(side.Seconds is { } time ? $", built in {Words.Of(TimeSpan.FromSeconds(time))}" : "")}";
}
