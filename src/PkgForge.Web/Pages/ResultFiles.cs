using Microsoft.AspNetCore.Http;
using PkgForge.Native;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Files that builds made. They are sent as what they are not: nothing that a browser would run.</summary>
internal static class ResultFiles
{
    /// <summary>More are not shown: a build may keep as many as it likes.</summary>
    private const int Most = 1000;

    /// <summary>Regular files of a directory, by name; empty when there is no such directory.</summary>
    public static IReadOnlyList<FileInfo> In(string directory) =>
        Directory.Exists(directory)
            ?
            [
                .. new DirectoryInfo(directory)
                    .EnumerateFiles()
                    .Where(file => file.LinkTarget is null)
                    .Take(Most)
                    .OrderBy(file => file.Name, StringComparer.Ordinal),
            ]
            : [];

    /// <summary>Sends a file, or a part of it.</summary>
    public static async Task SendAsync(HttpContext http, string path, string type)
    {
        if (Open(path) is not { } stream)
        {
            await PageAnswers.SendAsync(http, Answers.NotFound("there is no such file (any more)"));
            return;
        }
        SafeHeaders.OfFile(http);
        var name = type.StartsWith("text/", StringComparison.Ordinal) ? null : Path.GetFileName(path);
        await TypedResults.File(stream, type, name, enableRangeProcessing: true).ExecuteAsync(http);
    }

    private static FileStream? Open(string path)
    {
        try
        {
            var file = FileSystem.OpenFile(path);
            if (FileSystem.Status(file).Kind == FileKind.Regular)
                return new(file, FileAccess.Read, bufferSize: 0);
            file.Dispose();
        }
        catch (PosixException)
        {
            // Not there, or a link.
        }
        return null;
    }
}
