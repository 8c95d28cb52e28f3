using Microsoft.AspNetCore.Http;
using PkgForge.Web.Access;

namespace PkgForge.Web.Pages;

/// <summary>What the frame around every page shows.</summary>
public sealed class PageFrame
{
    private readonly Visitor visitor;

    internal PageFrame(HttpContext http, string title, string? live = null)
    {
        visitor = AccessGate.VisitorOf(http);
        (Title, Live) = (title, live);
        Here = http.Request.Path + http.Request.QueryString;
        Section = http.Request.Path.Value!.Split('/') is [_, { Length: > 0 } first, ..] ? first : "";
    }

    /// <summary>The page's name.</summary>
    public string Title { get; }

    /// <summary>Where notices come from that the page has changed; null when it does not.</summary>
    public string? Live { get; }

    /// <summary>The page's own address.</summary>
    public string Here { get; }

    /// <summary>The first part of the address.</summary>
    public string Section { get; }

    /// <summary>The account's name; null for nobody.</summary>
    public string? Account => visitor.Account;

    /// <summary>What forms carry.</summary>
    public string? FormToken => visitor.FormToken;

    /// <summary>Whether to offer to submit.</summary>
    public bool MaySubmit => visitor.MayWrite;

    /// <summary>Whether to show what only admins may see.</summary>
    public bool IsAdmin => visitor.IsAdmin;

    /// <summary>Whether there is anything to see.</summary>
    public bool MayLook => visitor.MayLook;
}
