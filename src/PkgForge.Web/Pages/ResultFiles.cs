using Microsoft.AspNetCore.Http;
using PkgForge.Native;
using PkgForge.Registry;
using PkgForge.Registry.Builders;
using PkgForge.Spool;
using PkgForge.Web.Access;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>Files that builds made. They are sent as what a browser never runs.</summary>
internal static class ResultFiles
{
    /// <summary>How logs are sent.</summary>
    public const string Text = "text/plain; charset=utf-8";

    /// <summary>How products are sent.</summary>
    public const string Bytes = "application/octet-stream";

    /// <summary>More are not shown: a build may keep as many as it likes.</summary>
    private const int Most = 1000;

    /// <summary>The answer where there is none.</summary>
    public static IResult NoFile => Answers.NotFound("there is no such file (any more)");

    /// <summary>Where an attempt's files are.</summary>
    public static AttemptDirectory DirectoryOf(ServedFarm farm, AddressedAttempt found) =>
        new(farm.Spool.Results.PathOf(found.Detail.Job.Id, found.Task.Platform, found.Attempt.Number));

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

    /// <summary>The file <c>{name}</c> of an attempt.</summary>
    /// <param name="http">The request.</param>
    /// <param name="farm">The farm.</param>
    /// <param name="found">The attempt.</param>
    /// <param name="kind"><c>products</c> or <c>logs</c>.</param>
    public static IResult Named(HttpContext http, ServedFarm farm, AddressedAttempt found, string kind)
    {
        var name = Addressed.Part(http, "name");
        return ProductName.IsWellFormed(name)
            ? Find(http, found, Path.Combine(DirectoryOf(farm, found).Path, kind, name), kind == "logs" ? Text : Bytes)
            : Answers.BadRequest($"a file's name is {ProductName.Rule}");
    }

    /// <summary>A file of an attempt, or the part of it that the request asks for (RFC 9110, 14). When the attempt has ended nobody writes to it any more, and it has an entity tag.</summary>
    public static IResult Find(HttpContext http, AddressedAttempt found, string path, string type)
    {
        if (Open(path) is not { } stream)
            return NoFile;
        SafeHeaders.OfFile(http);
        var ended = found.Attempt.Outcome != AttemptOutcome.Running;
        if (ended)
            EntityTags.MayBeKept(http);
        return TypedResults.File(
            stream,
            type,
            type == Text ? null : Path.GetFileName(path),
            enableRangeProcessing: true,
            entityTag: ended ? EntityTags.Of(stream.SafeFileHandle) : null
        );
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
