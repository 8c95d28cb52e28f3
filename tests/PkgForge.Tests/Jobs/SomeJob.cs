using System.Security.Cryptography;
using System.Text;
using PkgForge.Jobs;
using PkgForge.Sources;

namespace PkgForge.Tests.Jobs;

/// <summary>A legal job, to be changed in the one thing that a test is about.</summary>
internal static class SomeJob
{
    internal static readonly DateTimeOffset Time = new(2026, 11, 22, 18, 0, 0, TimeSpan.Zero);

    internal static SourceFile File(string name, string content = "content") =>
        new(
            name,
            Encoding.UTF8.GetByteCount(content),
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))
        );

    internal static Job With(params SourceFile[] files)
    {
        if (files.Length == 0)
            files = [File("hello_2.10-3.dsc")];
        return new()
        {
            Id = JobId.Parse("job-1"),
            Submitter = "anna",
            Time = Time,
            Bucket = "main",
            Sources = [files[0].Name],
            Files = files,
        };
    }
}
