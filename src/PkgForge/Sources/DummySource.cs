using System.Text;

namespace PkgForge.Sources;

/// <summary>
/// A script for the <c>Dummy</c> builder: it serves the tests of the farm and trials of its load, and is never a package.
/// A text of UTF-8, at most 64 KiB: the line <c>name NAME VERSION</c>, then one <see cref="DummyStep"/> on each line. Empty
/// lines and those that begin with <c>#</c> mean nothing.
/// </summary>
public sealed class DummySource : SourcePackage
{
    private const string Suffix = ".dummy";
    private const int MaxSize = 64 << 10;

    /// <param name="path">Path of the script.</param>
    public DummySource(string path)
        : base(path) { }

    /// <inheritdoc/>
    public override PackageFormat Format => PackageFormat.Dummy;

    /// <summary>What the builder does, in this order; empty until <see cref="Validate"/> has found the script valid.</summary>
    public IReadOnlyList<DummyStep> Steps { get; private set; } = [];

    /// <summary>What its steps say that it makes and needs.</summary>
    public SourceRelations Relations =>
        new(
            [.. Steps.OfType<DummyStep.Makes>().Select(step => step.Name)],
            [
                .. Steps
                    .OfType<DummyStep.Needs>()
                    .Select(step => step.Alternatives.Split('|', StringSplitOptions.TrimEntries)),
            ]
        );

    /// <inheritdoc/>
    public override ValidationResult Validate(CancellationToken cancel = default) =>
        (CheckName() ?? Read())?.In(FileName) ?? ValidationResult.Valid;

    private Broken? CheckName() =>
        !FileName.EndsWith(Suffix, StringComparison.Ordinal) ? new("file-name", $"does not end in {Suffix}")
        : PlainName.Fault(FileName) is { } fault ? new("file-name", $"has a name that {fault}")
        : null;

    private Broken? Read()
    {
        if (!RegularFile.TryOpen(MainPath, out var file, out var broken))
            return broken;
        using (file)
        {
            if (file.Size > MaxSize)
                return new("size", $"has {file.Size} bytes; at most {MaxSize} are allowed");
            using var pass = new FilePass(file);
            var bytes = new byte[file.Size];
            if (!pass.TryRead(bytes))
                return new("changed", "was changed while it was read");
            broken = Parse(Encoding.UTF8.GetString(bytes).Split('\n'));
            if (broken is null)
                Files = [pass.Finish(FileName)];
            return broken;
        }
    }

    private Broken? Parse(string[] lines)
    {
        if (DummyScript.Identity(lines[0]) is not { } identity)
            return new("script", "line 1: is not 'name NAME VERSION'");
        var steps = new List<DummyStep>();
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || lines[i][0] == '#')
                continue;
            if (DummyScript.Step(lines[i]) is not { } step)
                return new("script", $"line {i + 1}: is no step of a dummy script: '{PlainName.ToPrint(lines[i])}'");
            steps.Add(step);
        }

        (Name, Version, Steps) = (identity.Name, identity.Version, steps);
        return null;
    }
}
